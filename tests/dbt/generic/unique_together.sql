{#
    No two rows agree in all `columns`. In a build a row that came since is compared with those that agree with it in `within`, by default with
    all: of a table as large as history name the columns of its order that two such rows would share.
#}
{% test unique_together(model, columns, within=none) %}

select
    {{ columns | join(', ') }},
    count() as row_count
from {{ rows_beside_those_to_test(model, within or columns) }}
group by {{ columns | join(', ') }}
having row_count > 1

{% endtest %}
