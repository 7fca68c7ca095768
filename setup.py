"""Packaging of pulumi-kafka-connectors."""

from pathlib import Path

from setuptools import find_packages, setup

setup(
    name="pulumi-kafka-connectors",
    version="0.1.0",
    description="Pulumi resources for Kafka Connect: connectors that are validated, awaited, watched and undone",
    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author="The pulumi-kafka-connectors authors",
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
        "Topic :: System :: Systems Administration",
        "Typing :: Typed",
    ],
    package_dir={"": "provider"},
    packages=find_packages("provider"),
    package_data={"pulumi_kafka_connectors": ["py.typed", "pulumi-plugin.json"]},
    entry_points={"console_scripts": ["pulumi-kafka-connectors = pulumi_kafka_connectors.cli:main"]},
    python_requires=">=3.10",
    install_requires=["certifi", "pulumi>=3.219,<4", "requests>=2.32,<3", "pydantic>=2.6,<3"],
    extras_require={
        "topics": ["confluent-kafka>=2.6,<3"],
        "dev": [
            "confluent-kafka>=2.6,<3",
            "basedpyright>=1.28",
            "build>=1.2",
            "hypothesis>=6.100",
            "mypy>=1.11",
            "psycopg[binary]>=3.2",
            "pulumi-kafka>=3.8,<4",
            "pytest>=8",
            "pytest-timeout>=2.3",
            "pytest-xdist>=3.6",
            "ruff>=0.6",
            "trustme>=1.1",
            "types-requests>=2.32",
        ],
    },
    zip_safe=False,
)
