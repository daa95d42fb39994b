"""What the rules look for in each language. A rule without words for a language is not applied to it."""

import re
from dataclasses import dataclass
from typing import Final

_CONSTRAINTS: Final = "LEAST MOST LOWEST HIGHEST FASTEST FIRST BEST SHORTEST FEWEST SMALLEST LARGEST GREATEST"
_ABBREVIATIONS: Final = """
    ACID ADAM ANOVA ARIMA ASCII BERT BLEU BLOB CIFAR COCO CRUD CUDA DBSCAN DICOM DDOS EMRFS FIFO FHIR GDPR
    GELU HDBSCAN HDFS HIPAA HNSW HTML HTTP HTTPS IOPS JDBC JPEG JSON LASSO LIDAR LIFO LIME LSTM MAPE MCAR MFCC
    MIDI MIME MNAR MNIST MPEG MQTT NLTK NOAA NVME ODBC OLAP OLTP ONNX PCIE POSIX RADAR RAID RANSAC RELU REST
    RMSE RMSLE ROUGE SAML SARIMA SCADA SFTP SHAP SIFT SMAPE SMOTE SMTP SOAP SSML SWIFT TIFF TOML TSNE UMAP
    UUID WAPE WGAN WORM XGBOOST YAML YOLO
"""
CONSTRAINTS: Final = frozenset(_CONSTRAINTS.split())
ABBREVIATIONS: Final = frozenset(_ABBREVIATIONS.split())
NEGATIVE: Final = re.compile(r"\b(not|except|incorrect|false)\b", re.IGNORECASE)
ABSOLUTE: Final = re.compile(
    r"\b(always|never|guarantee\w*|impossible|entirely|every time"
    r"|(?:all|none|both|any) of the (?:above|following))\b",
    re.IGNORECASE,
)
COMBINED: Final = re.compile(r"^(?i:both |options? |answers? )?[A-F](?:, ?[A-F])*,? (?:and|or) [A-F]\b")
LETTER: Final = re.compile(
    r"\b(?i:options?|answers?|choices?|responses?|distractors?) [A-F]\b"
    r"|\b[A-F] (?:is|are) (?:the )?(?:correct|incorrect|right|wrong|best|key)\b"
)
LETTER_HU: Final = re.compile(
    r"(?:[„\"][A-F][”\"]|\b[B-F])[ -](?:opció|lehetőség|válasz)|\b(?:opció|válasz)[ :-]+[A-F]\b"
)
ENDINGS: Final = {1: "?", 2: "? (Select TWO.)", 3: "? (Select THREE.)"}
ENDINGS_HU: Final = {1: "?", 2: "? (Válassz KETTŐT.)", 3: "? (Válassz HÁRMAT.)"}


@dataclass(frozen=True, slots=True)
class Wording:
    """The words that rules look for in one language; None switches a rule off."""

    endings: dict[int, str]
    letter: re.Pattern[str]
    negative: re.Pattern[str] | None = None
    absolute: re.Pattern[str] | None = None
    combined: re.Pattern[str] | None = None
    managed: dict[str, int] | None = None


MANAGED: Final = {
    "managed": 2,
    "serverless": 2,
    "automatic": 2,
    "automatically": 2,
    "built-in": 2,
    "autopilot": 2,
    "fully": 1,
    "amazon": 1,
    "sagemaker": 1,
    "aws": 1,
    "ec2": -2,
    "self-managed": -4,
    "own": -1,
    "custom": -1,
    "script": -1,
    "scripts": -1,
    "manually": -2,
    "manual": -2,
    "cron": -2,
    "cluster": -1,
    "instance": -1,
    "instances": -1,
    "container": -1,
    "library": -1,
}

WORDINGS: Final = {
    "en": Wording(ENDINGS, LETTER, NEGATIVE, ABSOLUTE, COMBINED, MANAGED),
    "hu": Wording(ENDINGS_HU, LETTER_HU),
}


@dataclass(frozen=True, slots=True)
class OldName:
    """A name that moved on: it needs `cure` in the same item, or may not stand at all (cure is None)."""

    name: str
    pattern: re.Pattern[str]
    cure: re.Pattern[str] | None
    advice: str


def _old(name: str, pattern: str, cure: str | None, advice: str) -> OldName:
    return OldName(name, re.compile(pattern), re.compile(cure) if cure else None, advice)


EXISTING: Final = r"(?i)\b(existing|already|meglévő|már)\b"
OLD_NAMES: Final = (
    _old(
        "Kinesis Data Firehose",
        r"Kinesis (Data )?Firehose",
        r"(?<!Kinesis )Data Firehose",
        "Amazon Data Firehose",
    ),
    _old(
        "Kinesis Data Analytics",
        r"Kinesis Data Analytics(?! for SQL)",
        r"Managed Service for Apache Flink|Kinesis Data Analytics for SQL",
        "Amazon Managed Service for Apache Flink",
    ),
    _old(
        "Kinesis Data Analytics for SQL",
        r"Kinesis Data Analytics for SQL",
        EXISTING,
        "an existing application",
    ),
    _old(
        "Elasticsearch Service", r"Elasticsearch Service", r"OpenSearch Service", "Amazon OpenSearch Service"
    ),
    _old("CloudWatch Events", r"CloudWatch Events", r"EventBridge", "Amazon EventBridge"),
    _old("AWS Data Pipeline", r"AWS Data Pipeline", EXISTING, "only as an existing system"),
    _old("Amazon Fraud Detector", r"Amazon Fraud Detector", EXISTING, "only for an existing customer"),
    _old("Elastic Inference", r"Elastic Inference", None, "not to be used"),
    _old("Lookout for Vision", r"Lookout for (Vision|Metrics|Equipment)", None, "not to be used"),
    _old("Edge Manager", r"Edge Manager", None, "not to be used"),
)
