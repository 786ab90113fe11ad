"""Reports as PDF: the HTML laid out on pages by WeasyPrint, tagged (PDF/UA-1), its fonts embedded."""

from __future__ import annotations

import logging
import warnings

from engine.errors import ReportError

MISSING = (
    "a report as PDF needs WeasyPrint: pip install 'sottovoce[report]'; an HTML report needs nothing more"
)

NO_PANGO = (
    "a report as PDF needs the library Pango: sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
    "libharfbuzz-subset0 (other systems: see WeasyPrint's installation); an HTML report needs nothing more"
)

NO_FONT = (
    "a report as PDF needs a font: sudo apt-get install fonts-dejavu-core; an HTML report needs nothing more"
)


def pdf(html: str) -> bytes:
    """Return a report as PDF.

    Parameters
    ----------
    html : of :func:`engine.reports.html.html`. What it may refer to elsewhere isn't fetched.

    Raises
    ------
    ReportError
        The library is missing, or what it needs of the system.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "No fonts configured")  # without any Pango would end the process
        try:
            import weasyprint
            from weasyprint.urls import FatalURLFetchingError, URLFetcher
        except ImportError as error:
            raise ReportError(MISSING) from error
        except OSError as error:
            raise ReportError(NO_PANGO) from error
        except UserWarning as error:
            raise ReportError(NO_FONT) from error

    class NothingFromElsewhere(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: object = None) -> object:
            raise FatalURLFetchingError(f"a report refers to {url}")

    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    document = weasyprint.HTML(string=html, url_fetcher=NothingFromElsewhere())
    made: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)
    return made
