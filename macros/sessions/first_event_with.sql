{# The first event of `history`, an array of tuples in the order of events, whose text at a place of the tuple is not empty. #}
{% macro first_event_with(place) -%}
    arrayFirst(event -> event.{{ place }} != '', history)
{%- endmacro %}
