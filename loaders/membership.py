"""Static membership of the group: a loader that starts again takes out what is left of the one before it."""

from contextlib import suppress

from kafka.admin import KafkaAdminClient, MemberToRemove
from kafka.errors import KafkaError

from loaders.kafka_config import connection
from loaders.settings import Settings

# A loader that was away for longer than its session, or without a broker, joins again as a new member; for so long a
# commit of before it may have Kafka take it for another loader of its name.
RETURN_SECONDS = 30.0


def leave(settings: Settings) -> None:
    """Take the member of this loader's name out of its group, if it has a name and there is one.

    Its partitions are free at once then, as they are when its session ends. Left to itself, Kafka gives one that comes
    back within its session what it had, without asking the others: should it have died while partitions were on their
    way from one loader to another, they would be nobody's from then on.
    """
    if settings.throughline_group_instance is None:
        return
    # Where Kafka does not answer, joining says so.
    with suppress(KafkaError, OSError):
        admin = KafkaAdminClient(**connection(settings))
        try:
            member = MemberToRemove(group_instance_id=settings.throughline_group_instance)
            admin.remove_group_members(settings.kafka_group, [member])
        finally:
            admin.close()
