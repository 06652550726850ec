{#
    The person of an identifier at an instant as the model that is built last saw it, as a number: the dictionaries that readers
    still ask are those of before, until the run commits. `none` where those are no longer there, because persons changed in two
    runs since, as for a model that only some runs build.
#}
{% macro person_before(key='identifier_key', at='occurred_at') -%}
    {%- set slot = slot_before(ref('person_lookup')) -%}
    {%- if slot is none -%}
        {{- return(none) -}}
    {%- endif -%}
    {{- return(person_in(name_of_slot(ref('person_lookup'), slot), name_of_slot(person_segment_lookup(), slot), key, at)) -}}
{%- endmacro %}


{#
    The slot of a look-up that the model read when it last finished, unless a later run has loaded another state into it. The
    server is asked once; the answer is kept with the model's state.
#}
{% macro slot_before(relation) -%}
    {%- set state, name = build_state(), 'slot_before_' ~ relation.identifier -%}
    {%- if name not in state -%}
        {%- set loads = run_table('run_lookups') ~ ' where lookup = ' ~ string_literal(relation.identifier) -%}
        {%- set found = run_query(
            'select argMin(slot, run) as first_slot, countIf(slot != slot_before) as turns from (select run, slot, '
            ~ 'lagInFrame(slot, 1, slot) over (order by run rows between 1 preceding and current row) as slot_before from '
            ~ loads ~ ' and run >= (select max(run) from ' ~ loads ~ ' and run <= ' ~ state.last ~ '))'
        ).rows[0] -%}
        {%- do state.update({name: found['first_slot'] if found['turns'] < 2 else none}) -%}
    {%- endif -%}
    {{- return(state[name]) -}}
{%- endmacro %}
