"""Packaging of pulumi-kafka-connectors."""

import re
from pathlib import Path

from setuptools import find_packages, setup

REPOSITORY = "https://github.com/pulumi-kafka-connectors/pulumi-kafka-connectors"
BRANCH = "main"


def readme() -> str:
    """The README as the package index shows it: there, a relative link would lead to the index itself."""

    def absolute(link: re.Match[str]) -> str:
        image, text, target = link.groups()
        if "://" in target or target.startswith(("#", "mailto:")):
            return link[0]
        return f"{image}[{text}]({REPOSITORY}/{'raw' if image else 'blob'}/{BRANCH}/{target})"

    text = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
    return re.sub(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)", absolute, text)


setup(
    name="pulumi-kafka-connectors",
    version="0.1.0",
    description="Pulumi resources for Kafka Connect: connectors validated at preview, awaited, and undone on failure",
    long_description=readme(),
    long_description_content_type="text/markdown",
    author="The pulumi-kafka-connectors authors",
    project_urls={
        "Documentation": f"{REPOSITORY}/tree/{BRANCH}/docs",
        "Source": REPOSITORY,
        "Issues": f"{REPOSITORY}/issues",
        "Changelog": f"{REPOSITORY}/blob/{BRANCH}/CHANGELOG.md",
    },
    license="Apache-2.0",
    license_files=["LICENSE"],
    keywords=["pulumi", "kafka", "kafka-connect", "connector", "infrastructure-as-code"],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Developers",
        "Intended Audience :: System Administrators",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Programming Language :: Python :: 3.14",
        "Topic :: System :: Systems Administration",
        "Typing :: Typed",
    ],
    package_dir={"": "provider"},
    packages=find_packages("provider"),
    package_data={"pulumi_kafka_connectors": ["py.typed", "pulumi-plugin.json", "plugin/schema.json"]},
    entry_points={
        "console_scripts": [
            "pulumi-kafka-connectors = pulumi_kafka_connectors.cli:main",
            "pulumi-resource-kafka-connectors = pulumi_kafka_connectors.plugin.__main__:main",
        ]
    },
    python_requires=">=3.10",
    install_requires=[
        "certifi",
        "javaproperties>=0.8",
        "oauthlib>=3.2,<5",
        "pulumi>=3.219,<4",
        "pydantic>=2.6,<3",
        "pyyaml>=6",
        "requests>=2.32,<3",
        "rich>=13.7",
        "shtab>=1.7",
    ],
    extras_require={
        "topics": ["confluent-kafka>=2.6,<3"],
        "dist": ["pyinstaller>=6.22,<7"],
        "dev": [
            "confluent-kafka>=2.6,<3",
            "basedpyright>=1.28",
            "build>=1.2",
            "hypothesis>=6.100",
            "mypy>=1.11",
            "psycopg[binary]>=3.2",
            "pulumi-kafka>=3.8,<4",
            "pyte>=0.8",
            "pytest>=8",
            "pytest-cov>=6",
            "pytest-timeout>=2.3",
            "pytest-xdist>=3.6",
            "ruff>=0.6",
            "setuptools>=77",
            "trustme>=1.1",
            "types-PyYAML>=6",
            "types-oauthlib>=3.2",
            "types-requests>=2.32",
        ],
    },
    zip_safe=False,
)
