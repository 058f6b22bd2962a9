"""The Reserve's pages and exports as texts: classic ASP, tokens in scripts, quotes not doubled."""

from __future__ import annotations

from html import escape

from gateway.sandbox.car_rows import STATUSES, TYPES, Report, page_date, us_date
from gateway.sandbox.world import Project

PAGE_SIZE = 50
FORM_FIELDS = (
    "myFilter",
    "Data",
    "Title",
    "Exclude",
    "Columns",
    "Masks",
    "ClassMasks",
    "Headings",
    "Parameters",
    "ParametersOriginal",
    "SortORder",
    "FormatType",
    "ReplaceExpression",
    "ReplaceValue",
)
_TOP = """
<HTML>
<SCRIPT language="JavaScript">
    function addToken() {{
        const field = document.createElement('input');
        field.setAttribute('name', "c16e");
        field.setAttribute('value', '{token}');
        document.getElementById('xxxx2').appendChild(field);
    }}
    window.addEventListener('load', addToken);
</SCRIPT>
<HEAD><TITLE>The Reserve (sandbox)</TITLE></HEAD>
<BODY>
"""
_BOTTOM = """
<div id="version" align="right">Version 40.0.0</div>
</BODY>
</HTML>
"""


def export(report: Report) -> str:
    """The whole report: every field in quotes, none of them doubled, a comma at each end."""
    head = _record(report.columns)
    return head + "".join(
        _record(tuple(row.get(column, "") for column in report.columns)) for row in report.rows
    )


def listing(report: Report, token: str, number: int = 1) -> str:
    """A page of the report: fifty rows, whatever is asked for; past the end, the last page."""
    pages = max(1, -(-len(report.rows) // PAGE_SIZE))
    first = (min(max(1, number), pages) - 1) * PAGE_SIZE
    shown = report.rows[first : first + PAGE_SIZE]
    columns = report.columns[: len(report.columns) - report.hidden]
    head = "".join(
        f"<td>{escape(c)}<a href = \"javascript:submitform2('Asc','{escape(c)}')\"></a></td>"
        for c in columns
    )
    grid = "".join(
        "<tr>" + "".join(f"<td>{escape(row.get(c, ''))}</td>" for c in columns) + "</tr>\n"
        for row in shown
    )
    total = f"{first + 1} - {first + len(shown)} : {len(report.rows)}"
    return (
        _TOP.format(token=token)
        + _download(report, token)
        + f"<table><tr>{head}</tr>\n{grid}</table>\n"
        + f'<table><tr><td align="center">{total}</td></tr></table>\n'
        + '<form id="xxxx2" name="xxxx2" action = "/myModule/rpt/myrpt.asp" method = "POST">\n'
        + f'<input type="hidden" name="r" value="{report.number}">\n</form>'
        + _BOTTOM
    )


def home() -> str:
    """What every refused question is answered with, and status 200."""
    return (
        _TOP.format(token="0" * 32)
        + "<table><tr><td>Message Type</td><td>Message</td><td>Receive Date</td></tr>"
        + "<tr><td>No Records!</td></tr></table>"
        + _BOTTOM
    )


def project_page(project: Project, token: str) -> str:
    """A project's own page."""
    place = project.project_locations[0]
    said = {
        "Project ID": project.project_id,
        "ARB ID": "",
        "Project Name": project.project_name,
        "Project Description": project.project_description,
        "Project is Being Transferred From Another Registry": "No",
        "Crediting Period": "Initial",
        "Project Type": TYPES[project.project_type],
        "Project Commencement Date": page_date(project.crediting_period_start),
        "Project Reporting Start Date": page_date(project.crediting_period_start),
        "Project Website": "",
        "Project Site Location": f"Near Exampleton, {place.in_country_region}",
        "State/Province/Department": str(place.in_country_region),
        "Country": place.country,
        "Project Status": STATUSES[project.project_status],
        "Crediting Period Expires": page_date(project.crediting_period_end),
        "Project Listed Date": us_date(project.crediting_period_start),
        "Project Registered Date": us_date(project.registration_date),
        "Verification Bodies": "",
    }
    rows = "".join(
        f'<tr>\n<td bgcolor="#F3F3ED" colspan="4"><b>{name}:</b></td>\n'
        f'<td bgcolor="#F3F3ED" width="377" >{escape(value)}</td>\n</tr>\n'
        for name, value in said.items()
    )
    early = "<!--tr><td><b>Project ID:</b></td><td >none</td></tr-->"
    return f"{_TOP.format(token=token)}<table>{rows}{early}</table>{_BOTTOM}"


def no_project(token: str) -> str:
    """What a project's page is where there is no such project, with status 200."""
    told = "<BR>Invalid URL, the Reserve Administrator has been notified!\n"
    return f"{_TOP.format(token=token)}{told}"


def _record(fields: tuple[str, ...]) -> str:
    return "".join(f'"{field}",' for field in fields) + "\n"


def _download(report: Report, token: str) -> str:
    values = {"Data": "Stamp_0", "Title": report.title, "FormatType": "csv"}
    fields = "".join(
        f'<INPUT type="hidden" id="{name.title()}" name="{name}" value = "{_coded(value)}">\n'
        for name, value in ((name, values.get(name, "")) for name in FORM_FIELDS)
    )
    return (
        '<FORM id="frmDownload" name="frmDownload" '
        'ACTION="/myModule/include/rptdownload.asp" METHOD="POST">\n'
        f'<input type="hidden" name="c16e" value="{token}">\n{fields}</FORM>\n'
    )


def _coded(text: str) -> str:
    """Blanks and marks as character references, as the forms have them."""
    return "".join(c if c.isalnum() else f"&#{ord(c)};" for c in text)
