"""The report of one optimization as one HTML file: before and after side by side, remarks at their lines, pictures.

    from irpass.report import html_report

    Path("report.html").write_text(html_report(Path("prog.ir").read_text(), "prog.ir"))

The file needs no network and no other file: pictures are within it.
"""

from irpass.report.page import html_report

__all__ = ["html_report"]
