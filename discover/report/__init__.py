"""A run's facts as a page, JSON, Markdown, mail and PDF."""

from typing import TYPE_CHECKING

from discover.core.exports import lazy

if TYPE_CHECKING:
    from discover.report.write import email as email
    from discover.report.write import html as html
    from discover.report.write import make as make
    from discover.report.write import markdown as markdown
    from discover.report.write import pdf as pdf

__getattr__, __dir__ = lazy(__name__, {"discover.report.write": ("make", "html", "markdown", "email", "pdf")})
