"""Status reports of municipal measures: plain Excel forms out, one traceable appendix back."""

__version__ = "0.1.0"
