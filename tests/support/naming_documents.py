"""Documents that name an address in every way of their format, for parsers that must not ask it."""

import io
import zipfile

import docx

WORDS = "Low tide at six."


def page_that_names(target: str) -> str:
    """HTML whose every resource, frame, form and redirect is the target."""
    return f"""<!DOCTYPE html SYSTEM "{target}?dtd" [<!ENTITY entity SYSTEM "{target}?entity">]>
<?xml-stylesheet href="{target}?pi"?>
<html manifest="{target}?manifest"><head><base href="{target}">
<meta http-equiv="refresh" content="0;url={target}?refresh">
<link rel="stylesheet" href="{target}?css"><link rel="icon" href="{target}?icon">
<link rel="preload" as="script" href="{target}?preload"><link rel="dns-prefetch" href="{target}">
<script src="{target}?script"></script><style>@import url("{target}?import");</style></head>
<body background="{target}?background">&entity;
<img src="{target}?img" srcset="{target}?srcset 2x">
<picture><source srcset="{target}?source"></picture>
<iframe src="{target}?iframe"></iframe><frame src="{target}?frame"><embed src="{target}?embed">
<object data="{target}?object"><param name="movie" value="{target}?param"></object>
<audio src="{target}?audio"></audio>
<video poster="{target}?poster"><track src="{target}?track"></video>
<svg><image href="{target}?svg"/><use xlink:href="{target}?use"/></svg>
<math href="{target}?math"></math><input type="image" src="{target}?input">
<form action="{target}?form"><button formaction="{target}?button">Go</button></form>
<p style="background:url({target}?style)">{WORDS}</p><a href="{target}?a" ping="{target}?ping">a</a>
<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{target}?xinclude"/>
<q cite="{target}?cite">quoted</q></body></html>"""


def markdown_that_names(target: str) -> str:
    """The same in Markdown, whose HTML comes with it."""
    return f"""# Tides

![picture]({target}?image) [link]({target}?link) <{target}?auto> ![reference][r]

[r]: {target}?reference

{WORDS}

<img src="{target}?html"><iframe src="{target}?iframe"></iframe>

.. include:: {target}?include
"""


def word_file_that_names(target: str) -> bytes:
    """A Word file with external relations of every kind, and a DTD in a part."""
    document = docx.Document()
    document.add_paragraph(WORDS)
    plain = io.BytesIO()
    document.save(plain)
    kinds = (
        "image",
        "attachedTemplate",
        "oleObject",
        "frame",
        "hyperlink",
        "aFChunk",
        "subDocument",
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "".join(
        f'<Relationship Id="rIdOut{kind}" Type="{office}/{kind}" Target="{target}?{kind}"'
        ' TargetMode="External"/>'
        for kind in kinds
    )
    naming = "".join(
        f'<w:p><w:r><w:drawing><a:blip xmlns:a="{office}" r:link="rIdOut{kind}"'
        f' xmlns:r="{office}"/></w:drawing><w:t>{WORDS}</w:t></w:r></w:p>'
        for kind in kinds
    )
    field = (
        f'<w:p><w:r><w:fldSimple w:instr="INCLUDEPICTURE &quot;{target}?field&quot;"/></w:r></w:p>'
        f'<w:altChunk xmlns:r="{office}" r:id="rIdOutaFChunk"/>'
    )
    written = io.BytesIO()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(written, "w") as copy:
        for name in source.namelist():
            part = source.read(name).decode("utf-8", "surrogateescape")
            if name.endswith(".rels"):
                part = part.replace("</Relationships>", relations + "</Relationships>")
            elif name == "word/document.xml":
                part = part.replace("<w:sectPr", naming + field + "<w:sectPr", 1)
            copy.writestr(name, part.encode("utf-8", "surrogateescape"))
    return written.getvalue()


def word_file_with_entities(target: str) -> bytes:
    """A Word file whose text is an external entity."""
    naming = word_file_that_names(target)
    written = io.BytesIO()
    doctype = (
        f'<!DOCTYPE d [<!ENTITY e SYSTEM "{target}?entity"><!ENTITY f SYSTEM "file:///etc/hosts">]>'
    )
    with zipfile.ZipFile(io.BytesIO(naming)) as source, zipfile.ZipFile(written, "w") as copy:
        for name in source.namelist():
            part = source.read(name).decode("utf-8", "surrogateescape")
            if name == "word/document.xml":
                part = part.replace("?>", f"?>{doctype}", 1).replace(WORDS, f"{WORDS}&e;&f;", 1)
            copy.writestr(name, part.encode("utf-8", "surrogateescape"))
    return written.getvalue()


def pdf_that_names(target: str) -> bytes:
    """A PDF that opens, submits to and takes pictures from the target."""
    content = f"BT /F1 24 Tf 72 700 Td ({WORDS}) Tj ET".encode()
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /URI /URI ({target}?open) >> "
        f"/AA << /WC << /S /SubmitForm /F << /FS /URL /F ({target}?submit) >> >> >> >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> /XObject << /X 6 0 R >> >> "
        f"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /GoToR /D [0 /Fit] "
        f"/F << /FS /URL /F ({target}?remote) >> >> >>] >>",
        f"<< /Length {len(content)} >>\nstream\n{content.decode()}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace "
        f"/DeviceGray /Length 0 /F << /FS /URL /F ({target}?external) >> >>\nstream\n\nendstream",
    ]
    written = b"%PDF-1.4\n"
    offsets = []
    for number, each in enumerate(objects, 1):
        offsets.append(len(written))
        written += f"{number} 0 obj\n{each}\nendobj\n".encode()
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    trailer = (
        f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF\n"
    )
    return written + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode()
