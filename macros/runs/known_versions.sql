{#
    All row versions of a versioned model that readers were ever shown, with `known_from` and `known_to`: when the runs that
    wrote and replaced them were committed.
#}
{% macro known_versions(relation) -%}
    {%- set name = string_literal(relation.identifier) -%}
    (
        select
            versions.* except (run, closed),
            if(versions.run = 0, {{ beginning_of_time() }}, came.finished_at) as known_from,
            if(went.run = 0, {{ end_of_time() }}, went.finished_at) as known_to
        from {{ data_of(relation) }} as versions
        left any join (select run, finished_at from {{ run_table('run_commits') }} where model = {{ name }}) as came
            on versions.run = came.run
        left any join (select run, finished_at from {{ run_table('run_commits') }} where model = {{ name }}) as went
            on versions.closed = went.run
        where versions.run <= (select max(run) from {{ run_table('run_commits') }} where model = {{ name }})
    )
{%- endmacro %}
