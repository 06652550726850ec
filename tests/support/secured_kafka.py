"""A broker that lets in only who can say who he is: TLS with client certificates, and SASL over TLS."""

from pathlib import Path

from kafka.admin import KafkaAdminClient, UserScramCredentialUpsertion

from local.stack.kafka import Kafka
from local.stack.ports import free_port
from tests.support.certificates import Authority, Identity

USER, PASSWORD = "alice", "one two=three,four"
MODULES = "org.apache.kafka.common.security"


class SecuredKafka(Kafka):
    """Beside the open listener, by which the test knows that it runs, MTLS and SASL."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        root.mkdir(parents=True, exist_ok=True)
        self.authority = Authority(root)
        self.mtls, self.sasl = (f"127.0.0.1:{free_port()}" for _ in range(2))
        own = self.authority.issue("broker")
        self._keystore = root / "keystore.pem"
        self._keystore.write_bytes(own.key.read_bytes() + own.certificate.read_bytes())

    def client_identity(self) -> Identity:
        """A certificate that MTLS lets in, its key locked with the password."""
        return self.authority.issue("client", password=PASSWORD)

    def after_start(self, *, is_new: bool) -> None:
        admin = KafkaAdminClient(bootstrap_servers=self.url)
        try:
            for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
                admin.alter_user_scram_credentials([UserScramCredentialUpsertion(USER, mechanism, PASSWORD)])
        finally:
            admin.close()

    def _properties(self, data: Path) -> str:
        more = f",MTLS://{self.mtls},SASL://{self.sasl}"
        added = {
            "listeners=": more,
            "advertised.listeners=": more,
            "listener.security.protocol.map=": ",MTLS:SSL,SASL:SASL_SSL",
        }
        lines = [
            line + next((text for name, text in added.items() if line.startswith(name)), "")
            for line in super()._properties(data).splitlines()
        ]
        jaas = {
            "plain": f'{MODULES}.plain.PlainLoginModule required user_{USER}="{PASSWORD}"',
            "scram-sha-256": f"{MODULES}.scram.ScramLoginModule required",
            "scram-sha-512": f"{MODULES}.scram.ScramLoginModule required",
            # Kafka's own, for tests: any unsigned token that has not expired.
            "oauthbearer": f'{MODULES}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="x"',
        }
        return "\n".join(
            [
                *lines,
                "ssl.keystore.type=PEM",
                f"ssl.keystore.location={self._keystore}",
                "ssl.truststore.type=PEM",
                f"ssl.truststore.location={self.authority.file}",
                "listener.name.mtls.ssl.client.auth=required",
                f"sasl.enabled.mechanisms={','.join(name.upper() for name in jaas)}",
                *(f"listener.name.sasl.{name}.sasl.jaas.config={config};" for name, config in jaas.items()),
            ]
        )
