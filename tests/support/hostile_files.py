"""Files that would run a script if anything showed them as what they say they are."""

from tests.support.hostile_texts import RUN

_SCRIPT = f"<script>{RUN};parent.postMessage('stoaRan','*')</script>"
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>"
    b"endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
)
GIF = b"GIF89a/*"

FILES: dict[str, bytes] = {
    "page.html": f"<!doctype html><title>x</title>{_SCRIPT}".encode(),
    "page.htm": _SCRIPT.encode(),
    "page.xhtml": f'<html xmlns="http://www.w3.org/1999/xhtml">{_SCRIPT}</html>'.encode(),
    "picture.svg": (
        f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"><script>{RUN}</script></svg>'
    ).encode(),
    "data.xml": (
        '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#x"?>'
        f'<x:script xmlns:x="http://www.w3.org/1999/xhtml">{RUN}</x:script>'
    ).encode(),
    "form.pdf": PDF,
    "pdf-and-page.pdf": PDF + _SCRIPT.encode(),
    "gif-and-script.gif": GIF + b"*/=1;" + RUN.encode() + b"//",
    "page-as-text.txt": _SCRIPT.encode(),
    "page-as-picture.png": b"\x89PNG\r\n\x1a\n" + _SCRIPT.encode(),
    "script.js": RUN.encode(),
    "style.css": b"@import '//evil.example/x.css';",
    "archive.mht": (
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n"
        f"Content-Type: text/html\r\n\r\n{_SCRIPT}\r\n--x--"
    ).encode(),
    "wide.html": _SCRIPT.encode("utf-16"),
    "no-ending": _SCRIPT.encode(),
    'name".html\r\nx: y;.html': _SCRIPT.encode(),
    "\u202egpj.html": _SCRIPT.encode(),
    "../../up.html": _SCRIPT.encode(),
    "名字.html": _SCRIPT.encode(),
}
