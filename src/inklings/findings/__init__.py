"""What is wrong with a data set: labels that are likely wrong, copies, images unlike the others, odd classes."""

from inklings.findings.check import DataCheck, check_data
from inklings.findings.finding import KINDS, Finding
from inklings.findings.table import write_findings

__all__ = ["KINDS", "DataCheck", "Finding", "check_data", "write_findings"]
