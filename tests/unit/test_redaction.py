from __future__ import annotations

import base64
import html
import json
import threading
import unicodedata
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pulumi_kafka_connectors.core import redaction
from pulumi_kafka_connectors.core.redaction import (
    HIDDEN,
    Redactor,
    has_reference,
    is_mask,
    is_reference,
    is_secret,
    secret_keys,
    visible,
)
from pulumi_kafka_connectors.core.secrets import login_password, secret_parts
from tests.support.published import PUBLISHED

PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\nYQ==\n-----END PRIVATE KEY-----\n"
PEM_BODY = "MIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\nYQ=="


# Masks and references


@pytest.mark.parametrize(
    ("value", "mask"),
    [("**", True), ("********", True), ("•", True), ("••••", True), ("●", True), ("\u2217\u2217", True), ("[hidden]", True),
     ("*", False), ("", False), ("a**", False), ("**a", False), ("topic.*", False), ("**.txt", False),
     ("[hidden] ", False), ("[HIDDEN]", False), (5, False), (None, False)],
)  # fmt: skip
def test_masks_are_stars_bullets_and_the_word(value: Any, mask: bool) -> None:
    assert is_mask(value) is mask


@pytest.mark.parametrize(
    ("value", "pure", "within"),
    [("${file:/run/secrets/db:password}", True, True), (" ${env:DB}\n", True, True), ("${a:}", True, True),
     ("${:b}", True, True), ("prefix${file:a:b}", False, True), ("${file:a:b}suffix", False, True),
     ("${a:b}${a:c}", False, True), ("${topic}", False, False), ("${topic}:${time}", False, False),
     ("${a:b", False, False), ("{a:b}", False, False), ("$a:b", False, False), ("", False, False)],
)  # fmt: skip
def test_references_are_distinguished_from_texts_that_contain_one(value: str, pure: bool, within: bool) -> None:
    assert (is_reference(value), has_reference(value)) == (pure, within)


# Which values are secret


@pytest.mark.parametrize(
    "key",
    ["password", "DATABASE.PASSWORD", "database.password", "ssl.key.password", "trustStorePassword", "db.passwd",
     "snowflake.private.key.passphrase", "aws.secret.access.key", "client-secret", "password.encoder.secret",
     "gcp.credentials", "gcs.credentials.json", "iceberg.catalog.credential", "http.headers.authorization",
     "Authorization", "transforms.add.authorization.value", "api.token", "splunk.hec.token", "accessToken", "api.tokens",
     "snowflake.private.key", "privatekey", "private_key", "kafka.api.key", "apiKey", "x-api-key",
     "azblob.account.key", "account_key", "shared.access.key", "shared.access.signature", "sharedAccessKey",
     "fs.s3a.access.key", "access_key", "master.key", "connect.cosmos.master.key", "ssl.keystore.key",
     "producer.override.ssl.keystore.key", "azure.eventhubs.sas.key", "producer.override.sasl.jaas.config",
     "schema.registry.basic.auth.user.info", "basic_auth_user_info", "license", "confluent.license",
     "license.key", "db.pass", "db.pwd", "dbpwd", "PWD", "pass", "smtp_pass", "dbPass", "azure.sas", "sas"],
)  # fmt: skip
def test_a_key_that_names_a_secret_makes_its_value_one(key: str) -> None:
    assert is_secret(key, "x")
    assert is_secret(key, 5)
    assert not is_secret(key, "${file:a:b}")


@pytest.mark.parametrize(
    "key",
    ["key.converter", "value.converter", "topic.creation.default.partitions", "tokenizer", "analysis.tokenizer.kind",
     "max.tokens", "max_tokens", "primary.key.fields", "message.key.columns", "transforms.k.key.field.name",
     "schema.keyfield", "kafkaKeyFieldName", "keyfile", "key.ignore", "pk.fields", "topics", "tasks.max",
     "value.converter.basic.auth.credentials.source", "http.authorization.type", "oauth2.client.authorization.mode",
     "s3.credentials.provider.class", "credentials.provider", "gcs.credentials.path", "token.file", "token.location",
     "sasl.oauthbearer.token.endpoint.url", "oauth.token.endpoint.uri", "token.endpoint", "oauth2.response.token.property",
     "token.field", "secret.fields", "secret.name", "token.format", "token.enable", "token.enabled",
     "delegation.token.expiry.time.ms", "token.ttl.seconds", "password.encoder.keyfactory.algorithm",
     "password.encoder.key.length", "password.encoder.iterations", "shared.access.key.name", "azure.eventhubs.sas.keyname",
     "aws.access.key.id", "confluent.license.topic", "confluent.license.topic.replication.factor", "bypass", "compass",
     "license.accepted", "sasl.mechanism", "ssl.keystore.location", "ssl.keystore.type", "ssl.keystore.certificate.chain",
     "ssl.truststore.certificates", "mongodb.connection.string", "connection.url", "master.keys", "jaas.config.file",
     "user.info.topic", "passenger.count"],
)  # fmt: skip
def test_a_key_that_only_resembles_one_does_not(key: str) -> None:
    assert not is_secret(key, "x")
    assert not is_secret(key, 5)
    assert is_secret(key, "x", [key])


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        # URLs
        ("mongodb://user:hunter2@db:27017", {"hunter2"}),
        ("redis://:hunter2@cache:6379/0", {"hunter2"}),
        ("mongodb://u:hunter2@rs0-a:27017,rs0-b:27017/?replicaSet=rs0", {"hunter2"}),
        ("https://u:first@a:9200,https://v:second@b:9200", {"first", "second"}),
        ("http://a:9200,http://v:second@b", {"second"}),
        ("amqp://user:a/b@host", {"a/b"}),
        ("amqp://user:p@ss@host/x", {"p@ss"}),
        ("amqp://user:a:b@host", {"a:b"}),
        ("amqp://user:a?b@host", {"a?b"}),
        ("amqp://user:a#b@host", {"a#b"}),
        ("amqp://user:one@two/three@host", {"one", "one@two/three"}),
        ('{"url":"amqp://user:hunter2@host","mail":"a@b"}', {"hunter2"}),
        ("amqp://user:hunter2@host and a@b", {"hunter2"}),
        ("https://host:8080/users/a@b", set()),
        ("https://host:/users/a@b", set()),
        ("mongodb://a:27017,b:27017/?x=a@b", set()),
        ("https://[::1]:8083/a@b", set()),
        ("https://user@host/x:y", set()),
        ("https://hooks.internal/in?source=kafka&v=2", set()),
        ("neo4j+s://graph:7687", set()),
        ("user:${topic}", set()),
        # Oracle
        ("jdbc:oracle:thin:scott/tiger@//db:1521/svc", {"tiger"}),
        ("JDBC:ORACLE:oci8:scott/a/b@c@db", {"a/b@c"}),
        ('jdbc:oracle:thin:scott/"tiger"@db', {"tiger"}),
        ("jdbc:oracle:thin:@//db:1521/svc", set()),
        ("jdbc:oracle:thin:scott/tiger", set()),
        # Fields
        ("jdbc:postgresql://db/shop?user=a&password=hunter2&ssl=true", {"hunter2"}),
        ("jdbc:sqlserver://db;user=a;PASSWORD = hunter2;", {"hunter2"}),
        ("jdbc:sqlserver://db;password={a;b};x=y", {"a;b"}),
        ("?trustStorePassword=one&db.passwd=two;pwd=three passphrase=four", {"one", "two", "three", "four"}),
        ('M required username="u" password="a b;c";', {"a b;c"}),
        (r'M required password="a\"b" x;', {r"a\"b"}),
        (r'M required password="a\\" x="b"', {r"a\\"}),
        ("M required password='a b';", {"a b"}),
        ('M required password="torn', {"torn"}),
        ("M required password='torn", {"torn"}),
        ('M required clientSecret="abc" id="x";', {"abc"}),
        ("AccountName=a;AccountKey=YWJj==;EndpointSuffix=x", {"YWJj=="}),
        ("SharedAccessKeyName=Root;SharedAccessKey=abc=", {"abc="}),
        ("Endpoint=sb://x/;SharedAccessSignature=sr=a&sig=b&se=1;y", {"sr=a&sig=b&se=1", "b"}),
        ("SharedAccessSignature sr=a&sig=bcd", {"sr=a&sig=bcd", "bcd"}),
        ("https://x/y?sv=1&sig=abc%3D&se=2", {"abc%3D"}),
        ("sig=abc", {"abc"}),
        ("https://x/?X-Amz-Signature=abc&X-Amz-Security-Token=def", {"abc", "def"}),
        ("https://x/?X-Goog-Signature=abc", {"abc"}),
        ("https://x/?access_token=abc", {"abc"}),
        ("https://x/?token=abc", {"abc"}),
        ("token=abc", {"abc"}),
        ("https://x/?api_key=a&apikey=b&secret_key=c", {"a", "b", "c"}),
        ("X-Api-Key: abc", {"abc"}),
        ('{"password": "a b", "client_secret":"c", "refresh_token" : "d"}', {"a b", "c", "d"}),
        ("SELECT a.token = b.token FROM x WHERE mytoken=1", set()),
        ("design=abc", set()),
        ("tokens=5;passwords=x", set()),
        ("password=", set()),
        ("password=&x=y", set()),
        ('password="" x', set()),
        ('password=" "', set()),
        ('{"name":"password","type":"string"}', set()),
        ("insert_quorum=2,async_insert=0", set()),
        # Headers
        ("Authorization: Bearer abc", {"abc"}),
        ("X-One: a, authorization:Basic abc=, X-Two: b", {"abc="}),
        ('{"Authorization": "Bearer abc", "x": "y"}', {"abc"}),
        ("Authorization=Splunk abc", {"abc"}),
        ("Authorization: abc", {"abc"}),
        ("Authorization: Other abc def", {"Other", "abc"}),
        ("Authorization: Bearer\nX: y", set()),
        ("Authorization:", set()),
        (" Bearer a1", {"a1"}),
        ("basic YTpi", {"YTpi"}),
        ("BASIC YTpi", {"YTpi"}), ("bearer abc", {"abc"}), ("Basic Authentication", set()), ("basic auth", set()), ("bearer", set()),
        ("The Bearer a1", set()),
        ("X-One: a, X-Two: b", set()),
        # Private keys
        (PEM, {PEM_BODY}),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", {"abc"}),
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----abc", {"abc"}),
        ("-----BEGIN PGP PRIVATE KEY BLOCK-----abc-----END", {"abc"}),
        ("abc\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\nxyz", {"abc"}),
        (r'{"k":"-----BEGIN PRIVATE KEY-----\r\na1\r\nb2\n-----END PRIVATE KEY-----\n"}', {"a1\nb2"}),
        (f"{PEM}-----BEGIN EC PRIVATE KEY-----two-----END EC PRIVATE KEY-----", {PEM_BODY, "two"}),
        ("-----BEGIN PRIVATE KEY-----a----b-----c", {"a----b"}),
        ("a-----b----c-----END PRIVATE KEY-----", {"b----c"}),
        (f"-----BEGIN {'A' * 39} PRIVATE KEY-----abc", {"abc"}),
        ("-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----", set()),
        ("-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----", set()),
        ("jdbc:x?db-token=one&my_token=two&client.secret=three", {"one", "two", "three"}),
        ("accountkey=one;account_key=two;account-key=three;sharedaccess-key=four", {"one", "two", "three", "four"}),
        ("x;token=one&y;sig=two", {"one", "two"}),
        ('{"passwd": "a", "pwd" :"b", "passphrase":"c","secret": "d"}', {"a", "b", "c", "d"}),
        ("api-key : one", {"one"}),
        ("Authorization: DIGEST one\nauthorization=token two\nAuthorization :negotiate three\rAuthorization:ApiKey four;", {"one", "two", "three", "four"}),
        ("'authorization': 'basic one', x", {"one"}),
        ('sharedaccesssignature=one"two', {"one"}),
        ("amqp://user:only", set()),
        ("http://host:123456/x@y", {"123456/x"}),
        ("http://h:1,i:2,j:3/x@y", set()),
        ("", set()),
        ("orders", set()),
    ],
)  # fmt: skip
def test_the_secret_parts_of_a_value_are_found_under_any_key(value: str, parts: set[str]) -> None:
    assert secret_parts(value) == parts
    assert is_secret("connection.url", value) is bool(parts)


@pytest.mark.parametrize(
    ("key", "value", "password"),
    [("basic.auth.user.info", "svc: pass:word ", "pass:word"), ("USER_INFO", "u:p", "p"),
     ("catalog.credential", "c:s", "s"), ("credentials", "c:s", "s"), ("credentials.json", "c:s", ""),
     ("basic.auth.user.info", "alone", ""), ("topics", "a:b", "")],
)  # fmt: skip
def test_a_login_under_one_key_holds_a_password(key: str, value: str, password: str) -> None:
    assert login_password(key, value) == password


def test_listed_keys_are_secret_whatever_their_value() -> None:
    assert is_secret("topics", "orders", ["topics"])
    assert is_secret("topics", object(), ["topics"])
    assert is_secret("topics", "${file:a:b}", ["topics"]) is False
    assert is_secret("topics", object()) is False


@pytest.mark.parametrize("separator", [".", "_", "-", ""])
def test_words_of_a_key_are_separated_in_any_way(separator: str) -> None:
    for words in ("private key", "api key", "account key", "shared access key id", "shared access signature id", "access key",
                  "master key", "keystore key", "sas key", "jaas config", "user info", "license key"):  # fmt: skip
        key = words.replace(" ", separator)
        assert is_secret(f"a{key}", "x") is True, key
        assert is_secret(f"{key.upper()}", "x") is True, key
    assert is_secret(f"max{separator}tokens", "5") is (separator == "")
    assert is_secret(f"a{separator}pass", "x") is (separator != "")
    assert is_secret(f"a{separator}sas", "x") is (separator != "")
    assert login_password(f"user{separator}info", "a:b") == "b"


@pytest.mark.parametrize("separator", [".", "_", "-", ""])
def test_a_last_word_that_describes_a_secret_is_a_separate_word(separator: str) -> None:
    for word in ("type", "mode", "source", "class", "provider", "name", "keyname", "field", "fields", "property", "format", "algorithm",
                 "length", "iterations", "ms", "seconds", "enable", "enabled", "uri", "url", "endpoint", "path", "file", "location"):  # fmt: skip
        assert is_secret(f"my.secret{separator}{word}", "x") is (separator == ""), word
        assert is_secret(f"my.secret{separator}{word}.x", "x") is True, word


def test_the_functions_of_secrets_are_re_exported() -> None:
    assert redaction.__all__ == [
        "HIDDEN",
        "Redactor",
        "has_reference",
        "is_mask",
        "is_reference",
        "is_secret",
        "references",
        "replacements",
        "secret_keys",
        "visible",
    ]
    assert all(hasattr(redaction, name) for name in redaction.__all__)


def test_a_password_beside_a_reference_is_secret() -> None:
    assert is_secret("connection.url", "jdbc:x?password=${file:/run/db:pw}")
    assert is_secret("database.password", "prefix${file:/run/db:pw}")
    assert not is_secret("connection.url", "jdbc:x?user=${file:/run/db:user}")


def test_the_secret_keys_of_a_configuration_include_those_listed_once() -> None:
    config = {"password": "x", "topics": "a", "n": 1, "token": object(), "url": "a://u:pw@h", "api.key": "${a:b}"}
    assert secret_keys(config) == {"password", "token", "url"}
    assert secret_keys(config, iter(["topics", "absent"])) == {"password", "token", "url", "topics"}


SECRET_OF_PUBLISHED = {
    "debezium-mysql": {"database.password", "schema.history.internal.producer.sasl.jaas.config"},
    "debezium-mongodb": {"mongodb.connection.string"},
    "debezium-sqlserver": {"database.password"},
    "debezium-oracle": {"database.password"},
    "jdbc-source": {"connection.url", "value.converter.basic.auth.user.info"},
    "jdbc-sink": {"connection.password"},
    "debezium-jdbc-sink": {"connection.password"},
    "s3-sink": {"aws.secret.access.key", "value.converter.basic.auth.user.info"},
    "s3-source": {"confluent.license"},
    "gcs-sink": {"gcs.credentials.json"},
    "azure-blob": {"azblob.account.key"},
    "opensearch": {"connection.url"},
    "mirror-source": {"source.cluster.sasl.jaas.config"},
    "snowflake": {"snowflake.private.key", "snowflake.private.key.passphrase"},
    "http-sink": {"http.headers.authorization"},
    "rabbitmq": {"rabbitmq.password"},
    "mqtt": {"mqtt.password"},
    "neo4j": {"neo4j.authentication.basic.password"},
    "redis": {"redis.uri"},
    "splunk": {"splunk.hec.token"},
    "iceberg": {"iceberg.catalog.credential"},
    "clickhouse": {"password"},
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_of_published_configurations_these_keys_are_secret_and_all_others_harmless(name: str) -> None:
    assert secret_keys(PUBLISHED[name]) == SECRET_OF_PUBLISHED.get(name, set())


# Visible text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\tb\nc\r\nd", "a\tb\nc\nd"), ("a\rb", "a\ufffdb"), ("\x1b[31mred", "\ufffd[31mred"), ("\x00\x08\x0b\x0c\x0e\x1f", "\ufffd" * 6),
     (" ~\x7f\x80\x9f\xa0", " ~\ufffd\ufffd\ufffd\xa0"), ("\xac\xad\xae", "\xac\ufffd\xae"), ("\u061b\u061c", "\u061b\ufffd"),
     ("\u180e", "\ufffd"), ("\u200a\u200b\u200f\u2010", "\u200a\ufffd\ufffd\u2010"), ("\u2027\u2028\u202e\u202f", "\u2027\ufffd\ufffd\u202f"),
     ("\u205f\u2060\u2066\u206f\u2070", "\u205f\ufffd\ufffd\ufffd\u2070"), ("\ufeff", "\ufffd"), ("\ufff8\ufff9\ufffb", "\ufff8\ufffd\ufffd"),
     ("\ud7ff\ud800\udfff\ue000", "\ud7ff\ufffd\ufffd\ue000"), ("\U000e0000\U000e007f\U000e0080", "\ufffd\ufffd\U000e0080"),
     ("Grüße 漢字 😀", "Grüße 漢字 😀"), ("", "")],
)  # fmt: skip
def test_characters_that_steer_or_deceive_are_replaced(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters(exclude_categories=())))
def test_visible_text_holds_no_control_character_but_newline_and_tab(text: str) -> None:
    shown = visible(text)
    assert all(unicodedata.category(one) not in {"Cc", "Cs", "Zl", "Zp"} for one in shown if one not in "\n\t")
    assert visible(shown) == shown
    shown.encode()


# Hiding


@pytest.mark.parametrize(
    ("secrets", "text", "shown"),
    [
        ([], "nothing to hide", "nothing to hide"),
        (["hunter2"], "is hunter2.", "is [hidden]."),
        (["hunter2"], "xhunter2y HUNTER2", "x[hidden]y HUNTER2"),
        ([" hunter2\n"], "is hunter2 ", "is [hidden] "),
        (["hunter2", "hunter2-longer"], "hunter2-longer hunter2", "[hidden] [hidden]"),
        (["abcdef", "defghi"], "abcdefghi", "[hidden]"),
        (["abcd", "efgh"], "abcdefgh", "[hidden][hidden]"),
        (["aaaa"], "aaaaaaa b aaaa", "[hidden] b [hidden]"),
        (["ababa"], "ababababa-ababa", "[hidden]-[hidden]"),
        (["abcab"], "abcabcabxabcab", "[hidden]x[hidden]"),
        (["aabaa"], "aabaabaaabaa|aabaaa", "[hidden]|[hidden]a"),
        # short and common ones as words only
        (["7"], "7 17 7a _7 (7) 7", "[hidden] 17 7a _7 ([hidden]) [hidden]"),
        (["abc"], "abc abcd", "[hidden] abcd"),
        (["abcd"], "abcde", "[hidden]e"),
        (["ab  "], "xab ab", "xab [hidden]"),
        (["--"], "--- a", "[hidden] a"),
        (["True"], "True Trueish true", "[hidden] Trueish true"),
        (["false", "null", "none"], "false null none nonexistent nullable falsey", "[hidden] [hidden] [hidden] nonexistent nullable falsey"),
        # never
        (["", "  ", "\n", "****", "•", "[hidden]"], "a  \n**** • b", "a  \n**** • b"),
        # what already is hidden
        (["hidden"], "[hidden] hidden", "[hidden] [hidden]"),
        (["[hid"], "[hidden]", "[hidden]"),
        (["x[hidden"], "x[hidden]", "[hidden]"),
        (["secret", "]: ["], "secret: secret", "[hidden]"),
        (["secret", "ab"], "absecret", "[hidden][hidden]"),
        # white space
        (["a b  c"], "a\n\tb c", "[hidden]"),
        (["one\ntwo"], "say:  one\n   two,\n\n  one two", "say:  [hidden],\n\n  [hidden]"),
        (["hunter2"], "a\n  b   hunter2  \n c hunter2", "a\n  b   [hidden]  \n c [hidden]"),
        (["first-line\nshort\nsecond-line"], "first-line | short | second-line | first-linesshort", "[hidden] | short | [hidden] | [hidden]sshort"),
        (["1234567\n12345678"], "1234567 | 12345678", "1234567 | [hidden]"),
        (["alone-in-one-line and more"], "alone-in-one-line", "alone-in-one-line"),
        (["ab\ncd"], "abcd", "[hidden]"),
        (["ab cd"], "abcd", "abcd"),
        # escapes
        (['a"b\\c\né'], r'a\"b\\c\n\u00e9', "[hidden]"),
        (['a"b\\c\né'], r'a\"b\\c\n\u00E9', "[hidden]"),
        (['a"b\\c\né'], r'a\"b\\c\né', "[hidden]"),
        (['a"b\r\n\tc'], r'a"b\r\n\tc', "[hidden]"),
        (["a\\b\r\n\tc"], r"a\b\r\n\tc", "[hidden]"),
        (["a'b\"c\x00"], r"""a\'b"c\x00""", "[hidden]"),
        (["a<b&\"c'"], "a&lt;b&amp;&quot;c&#x27;", "[hidden]"),
        (["a<b&\"c'"], "a&lt;b&amp;\"c'", "[hidden]"),
        ([r"one\r\ntwo"], "one\ntwo", "[hidden]"),
        ([' a"bcd\n'], r'a\"bcd', "[hidden]"),
        (['a"\n   bcd'], r'a\" bcd', "[hidden]"),
        # URLs
        (["p w/x+y"], "p%20w%2Fx%2By", "[hidden]"),
        (["p w/x+y"], "p%20w%2fx%2by", "[hidden]"),
        (["p w/x+y"], "p%20w/x%2By", "[hidden]"),
        (["p w/x+y"], "p+w%2Fx%2By", "[hidden]"),
        (["p w/x+y"], "p+w/x%2By", "[hidden]"),
        (["it's*(é)!"], "it's*(%C3%A9)!", "[hidden]"),
        (["it's*(é)!"], "it%27s*%28%C3%A9%29%21", "[hidden]"),
        (["!'()*$x"], "!'()*%24x", "[hidden]"),
        (["*(x)y"], "*%28x%29y", "[hidden]"),
        (["!$&'()*+,;=:@/%x"], "!$&'()*+,;=:@/%25x", "[hidden]"),
        (["a$b%c"], "a$b%25c", "[hidden]"),
        (["a:b@c%"], "a:b@c%25", "[hidden]"),
        # base64
        (["hunter2"], "aHVudGVyMg== aHVudGVyMg aHVudGVyMg", "[hidden] [hidden] [hidden]"),
        (["~~~~???"], "fn5-fj8_Pw== fn5+fj8/Pw==", "[hidden] [hidden]"),
        ([" hunter2\n"], "aHVudGVyMg== IGh1bnRlcjIK", "[hidden] [hidden]"),
        (["abcd"], "YWJjZA", "[hidden]"),
        ([" \n", "****"], "IAo= Cg== KioqKg==", "IAo= Cg== KioqKg=="),
        (["7"], "Nw== Nw", "[hidden] Nw"),
        # characters that are replaced
        (["a\x1bbc"], "a\x1bbc a\ufffdbc", "[hidden] [hidden]"),
        (["a\ufffdbc"], "a\x00bc", "[hidden]"),
        (["a\ud800bc"], "a\ud800bc %ED%A0%80 a%ED%A0%80bc", "[hidden] %ED%A0%80 [hidden]"),
        (["hunter2"], "\x1b[31mhunter2\r\nx", "\ufffd[31m[hidden]\nx"),
    ],
)  # fmt: skip
def test_secrets_are_hidden_in_every_spelling(secrets: list[str], text: str, shown: str) -> None:
    assert Redactor(secrets).redact(text) == shown


def test_a_private_key_is_hidden_whole_by_line_and_without_its_line_breaks() -> None:
    redactor = Redactor([PEM])
    assert redactor.redact(f"got {PEM}!") == "got [hidden]\n!"
    assert redactor.redact(f"got {PEM.replace(chr(10), ' ')}!") == "got [hidden] !"
    assert redactor.redact(json.dumps(PEM)) == '"[hidden]"'
    assert redactor.redact("at MIIEvQIBADANBgkq\n\tat hkiG9w0BAQEFAASC") == "at [hidden]\n\tat [hidden]"
    assert Redactor([PEM_BODY]).redact("bad key MIIEvQIBADANBgkqhkiG9w0BAQEFAASCYQ==") == "bad key [hidden]"


def test_a_text_that_keeps_producing_secrets_is_hidden_as_a_whole() -> None:
    redactor = Redactor(["a[hidden]", "zzzz"])
    assert redactor.redact("a" * 6 + "zzzz.") == "[hidden]."
    assert redactor.redact("a" * 7 + "zzzz.") == "[hidden]"


@pytest.mark.parametrize(
    ("text", "longest", "shown"),
    [
        ("  a\n\tb\r\n c  ", 2000, "a b c"),
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two..."),
        ("one two three", 10, "one two..."),
        ("one two three", 9, "one..."),
        ("one two three", 6, "one..."),
        ("one two three", 5, "on..."),
        ("abcdefghij", 8, "abcde..."),
        ("abc", 2, "..."),
        ("abc", 0, "..."),
        ("", 0, ""),
        ("say first\n  second now", 2000, "say [hidden] now"),
        ("x y first second", 9, "x y..."),
        ("x y first second", 12, "x y [hidden]"),
        ("a\x1b\rb\u2028c", 2000, "a\ufffd b c"),
        ("qqqqq", 4, "q..."),
        ("pqrst uvw", 5, "[hidden]..."),
    ],
)  # fmt: skip
def test_a_sentence_is_redacted_then_joined_then_truncated_between_words(text: str, longest: int, shown: str) -> None:
    assert Redactor(["first  second", "pq"]).one_line(text, longest) == shown


def test_a_sentence_has_up_to_two_thousand_characters_by_default() -> None:
    assert Redactor().one_line("a" * 2000) == "a" * 2000
    assert Redactor().one_line("a" * 2001) == "a" * 1997 + "..."


@pytest.mark.parametrize("longest", range(40))
def test_no_beginning_of_a_secret_survives_truncation(longest: int) -> None:
    shown = Redactor(["QWERTZ UIOP"]).one_line("the password QWERTZ\nUIOP is wrong", longest)
    assert not set("QWERTZUIOP") & set(shown)


# What a configuration adds


def test_values_of_the_keys_and_secret_parts_of_all_values_are_added() -> None:
    redactor = Redactor()
    redactor.add_config(
        {"p": "marked-value", "n": 987654, "f": 1234.5, "flag": True, "u": object(), "huge": 10**5000, "r": "${file:a:bcde}",
         "basic.auth.user.info": "svc:info-pass", "url": "jdbc:x://db?password=url%20pass", "t": "harmless", "none": None,
         "o": "jdbc:x?password=${env:NAME}"},
        ["p", "n", "f", "flag", "u", "huge", "r", "basic.auth.user.info", "none", "absent"],
    )  # fmt: skip
    shown = redactor.redact(
        "marked-value 987654 1234.5 True ${file:a:bcde} svc:info-pass info-pass url%20pass url pass harmless ${env:NAME} None"
    )
    assert shown == (
        "[hidden] [hidden] [hidden] True ${file:a:bcde} [hidden] [hidden] [hidden] [hidden] harmless ${env:NAME} None"
    )


@pytest.mark.parametrize("name", SECRET_OF_PUBLISHED)
def test_messages_about_published_configurations_show_no_secret_of_them(name: str) -> None:
    config, redactor = PUBLISHED[name], Redactor()
    redactor.add_config(config, secret_keys(config))
    for key in SECRET_OF_PUBLISHED[name] - {"confluent.license"}:
        for part in {config[key].strip(), *secret_parts(config[key])}:
            assert (
                redactor.redact(f"Invalid value <{part}> for configuration {key}: Wrong.")
                == f"Invalid value <{HIDDEN}> for configuration {key}: Wrong."
            )


def test_adding_keeps_what_was_there() -> None:
    redactor = Redactor(iter(["first"]))
    redactor.add("second", "third")
    redactor.add()
    assert redactor.redact("first second third fourth") == "[hidden] [hidden] [hidden] fourth"


def test_what_a_source_returns_by_then_is_hidden_too() -> None:
    issued = ["token-1"]
    redactor = Redactor(["first"])
    redactor.follow(lambda: issued)
    assert redactor.redact("first token-1 token-2") == "[hidden] [hidden] token-2"
    issued.append("token-2")
    assert redactor.one_line("first token-1 token-2") == "[hidden] [hidden] [hidden]"
    issued.clear()
    assert redactor.redact("token-1") == HIDDEN


def test_a_source_is_asked_once_for_each_text_however_often_it_is_given() -> None:
    asked: list[str] = []

    def source() -> list[str]:
        asked.append("")
        return []

    redactor = Redactor()
    redactor.follow(source)
    redactor.follow(source)
    redactor.redact("plain")
    assert len(asked) == 1


def test_the_repr_counts_and_shows_nothing() -> None:
    assert repr(Redactor()) == "Redactor(0 spellings)"
    assert repr(Redactor(["hunter2"])) == "Redactor(3 spellings)"


def test_threads_add_while_others_read() -> None:
    redactor = Redactor(["planted-0"])
    wrong: list[str] = []

    def read() -> None:
        wrong.extend(text for _ in range(200) if (text := redactor.redact("planted-0")) != HIDDEN)

    def write(number: int) -> None:
        for count in range(50):
            redactor.add(f"word-{number}-{count}")

    threads = [threading.Thread(target=read), *(threading.Thread(target=write, args=[number]) for number in range(4))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert all(redactor.redact(f"<word-{a}-{b}>") == "<[hidden]>" for a in range(4) for b in range(50))


# Properties

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
SECRET = st.one_of(ANY_TEXT, st.text("ab\n \"'\\/%+&<é:@[]", min_size=4, max_size=20))


def forms(secret: str) -> list[str]:
    collapsed = " ".join(secret.split())
    raw = secret.encode("utf-8", "surrogatepass")
    return [
        secret, secret.strip(), collapsed, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], json.dumps(collapsed)[1:-1],
        secret.replace("\n", "\\n"), html.escape(secret), quote(secret, errors="surrogatepass"), quote(secret, "", errors="surrogatepass"),
        quote_plus(secret, errors="surrogatepass"), quote_plus(secret, "/", errors="surrogatepass"), base64.b64encode(raw).decode(),
    ]  # fmt: skip


def hideable(secret: str) -> bool:
    return (
        len(" ".join(secret.split())) > 3
        and not is_mask(secret.strip())
        and secret.strip().lower() not in {"true", "false", "null", "none"}
    )


def survives(form: str, shown: str) -> bool:
    return any(form.strip() in piece for piece in shown.split(HIDDEN))


@given(SECRET, ANY_TEXT, ANY_TEXT, st.integers(0, 12), st.integers(0, 120))
@example("[hidden", "", "", 0, 10)
@example("ab[h", "abab[h", "]", 0, 20)
def test_no_form_of_a_secret_survives(secret: str, before: str, after: str, which: int, longest: int) -> None:
    assume(hideable(secret))
    redactor, text = Redactor([secret]), before + forms(secret)[which] + after
    for shown in (redactor.redact(text), redactor.one_line(text, longest), redactor.one_line(text)):
        assert not [form for form in forms(secret) if survives(form, shown)]


@given(st.lists(SECRET, max_size=4), st.lists(st.one_of(ANY_TEXT, st.sampled_from(["[", "]", HIDDEN, "..."])), max_size=4))
def test_redacting_is_idempotent(secrets: list[str], pieces: list[str]) -> None:
    redactor, text = Redactor(secrets), "".join([*pieces, *secrets, *pieces])
    once = redactor.redact(text)
    assert redactor.redact(once) == once
    assert visible(once) == once
    for longest in (0, 5, 12, 2000):
        line = redactor.one_line(text, longest)
        assert redactor.redact(line) == line
        assert "\n" not in line


@given(ANY_TEXT)
def test_a_text_without_secrets_is_only_made_visible(text: str) -> None:
    assert Redactor(["not-in-any-text-of-this-test"]).redact(text) == visible(text)


@pytest.mark.parametrize(
    ("value", "resolved", "found"),
    [
        ("${file:a:b}", "hunter2", {"hunter2"}),
        ("jdbc:x://u:${file:a:b}@db", "jdbc:x://u:hunter2@db", {"hunter2"}),
        ("${file:a:u}:${file:a:p}", "me:hunter2", {"me", "hunter2"}),
        ("a${file:a:u}b${file:a:p}b", "aXbYbb", {"X", "Yb"}),
        ("${file:a:u}${file:a:p}", "hunter2", {"", "hunter2"}),
        ("x${file:a:b}", "other", set()),
        ("x${file:a:b}y${file:a:c}z", "x1", set()),
        ("plain", "plain", set()),
    ],
)
def test_what_stands_in_place_of_a_reference_is_found_by_what_is_around_it(
    value: str, resolved: str, found: set[str]
) -> None:
    assert redaction.replacements(value, resolved) == found


def test_references_are_found_in_order() -> None:
    assert redaction.references("a ${b:c} ${file:d:e}, ${f}") == ["${b:c}", "${file:d:e}"]
