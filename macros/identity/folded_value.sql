{#
    One profile property after all its changes, as JSON text; '' where it is not set. `changes` is an array of
    (place, type, JSON text), folded in the order of the places. Counting starts at 0 where no number is, what is no number adds nothing, and
    no count goes past the largest number that JSON has.
#}
{% macro folded_value(changes) -%}
    arrayFold(
        (current, change) -> multiIf(
            change.2 = 'increment' and match(change.3, '^-?[0-9]'),
            toString(clamp(
                if(match(current, '^-?[0-9]'), toFloat64OrZero(current), 0) + toFloat64OrZero(change.3),
                -1.7976931348623157e308,
                1.7976931348623157e308
            )),
            change.2 = 'increment', current,
            change.2 = 'set_once' and current != '', current,
            change.2 = 'unset' or change.3 = 'null', '',
            change.3
        ),
        arraySort({{ changes }}),
        ''
    )
{%- endmacro %}
