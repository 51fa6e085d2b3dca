"""What is looked at in a page that shows every view: names, ids, contrast, focus, movement.

axe-core looks at the page's own elements; of letters in a drawing it knows no background, so those
are measured here, as WCAG 2.2 does (1.4.3: 4.5, of large letters 3).
"""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

BAD = ("serious", "critical")
OUTPUTS = ".jp-OutputArea-output"

COLOURS = """
  const parts = text => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const over = (top, below) => {
    const alpha = top[3] ?? 1;
    return [0, 1, 2].map(at => top[at] * alpha + below[at] * (1 - alpha));
  };
  const light = colour => {
    const [r, g, b] = colour.map(part => part / 255)
      .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  const ground = part => {
    let stack = [];
    for (let at = part; at; at = at.parentElement) stack.unshift(at);
    return stack.reduce((colour, at) => over(parts(getComputedStyle(at).backgroundColor), colour),
      [255, 255, 255]);
  };
"""
# Below each letter lies what was painted before it and covers that place.
FAINT = (
    """svg => {"""
    + COLOURS
    + """
  const found = new Set();
  const painted = [];
  const page = ground(svg.parentElement);
  const fill = (part, style = getComputedStyle(part)) => {
    const [r, g, b, alpha = 1] = parts(style.fill);
    return [r, g, b, alpha * style.fillOpacity * style.opacity];
  };
  // Not isPointInFill for all: of a circle Chromium denies it now and then.
  const covers = ({ shape, box, round }, { x, y }) =>
    x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height
    && (round ? Math.hypot(x - box.x - round, y - box.y - round) <= round
      : shape.localName !== 'path' || shape.isPointInFill(new DOMPoint(x, y)));
  const look = text => {
    const box = text.getBBox(), here = text.getScreenCTM(), style = getComputedStyle(text);
    const size = parseFloat(style.fontSize), bold = parseInt(style.fontWeight) >= 600;
    const enough = size >= 24 || (bold && size >= 18.7) ? 3 : 4.5;
    const pieces = text.querySelector('tspan') ? text.querySelectorAll('tspan') : [text];
    for (const share of [0.02, 0.5, 0.98]) {
      const spot = new DOMPoint(box.x + box.width * share, box.y + box.height / 2)
        .matrixTransform(here);
      const below = painted
        .filter(one => covers(one, spot.matrixTransform(one.inside)))
        .reduce((colour, one) => over(one.colour, colour), page);
      for (const piece of pieces) {
        const got = contrast(over(fill(piece), below), below);
        const told = piece.textContent.trim();
        if (told && got < enough) found.add(`${got.toFixed(2)} of ${enough}: ${told}`);
      }
    }
  };
  for (const part of svg.querySelectorAll('rect, circle, path, text')) {
    const style = getComputedStyle(part), here = part.getScreenCTM();
    if (style.display === 'none' || style.visibility === 'hidden' || !here) continue;
    if (part.localName === 'text') look(part);
    else if (style.fill !== 'none')
      painted.push({
        shape: part, inside: here.inverse(), colour: fill(part, style), box: part.getBBox(),
        round: part.localName === 'circle' ? part.r.baseVal.value : 0,
      });
  }
  return [...found];
}"""
)
# All that Tab leads to, by its place in the page.
STOPS = """view => [...view.querySelectorAll(
    'a[href], button, input, select, textarea, summary, [tabindex]')]
  .filter(part => part.tabIndex >= 0 && !part.disabled && part.getClientRects().length)
  .filter(part => {
    const group = `input[name="${CSS.escape(part.name ?? '')}"]`;
    return part.type !== 'radio'
      || part === (view.querySelector(`${group}:checked`) ?? view.querySelector(group));
  })
  .map((part, at) => (part.dataset.stop = String(at)))"""
NOW = """() => {
  const part = document.activeElement;
  const seen = getComputedStyle(part.closest('.dl-option') ?? part);
  return {
    stop: part.dataset.stop ?? part.dataset.fence ?? 'elsewhere',
    what: part.outerHTML.slice(0, 160),
    ring: seen.outlineStyle === 'none' ? 0 : parseFloat(seen.outlineWidth),
    name: part.getAttribute('aria-label')
      || (part.labels?.[0] ?? part).textContent.trim(),
  };
}"""
# A button before and one after an output, for Tab to begin at and to end; nothing else to paint.
FENCE = """output => {
  const cell = output.closest('.jp-Cell');
  document.querySelectorAll('.jp-Notebook .jp-Cell').forEach(one => { one.hidden = one !== cell; });
  for (const [place, name] of [['beforebegin', 'before'], ['afterend', 'after']]) {
    const made = document.createElement('button');
    made.dataset.fence = name;
    output.insertAdjacentElement(place, made);
    if (name === 'before') made.focus();
  }
}"""
UNFENCE = """() => {
  document.querySelectorAll('[data-fence]').forEach(one => one.remove());
  document.querySelectorAll('.jp-Notebook .jp-Cell').forEach(one => { one.hidden = false; });
}"""
THEMED = """light => {
  const ground = getComputedStyle(document.body).getPropertyValue('--jp-layout-color1');
  return document.body.dataset.jpThemeLight === String(light)
    && ground !== '' && (ground === 'white') === light;
}"""
MOVING = """() => document.getAnimations()
  .filter(one => one.playState === 'running' && one.effect.target.closest('.dl-view'))
  .map(one => one.effect.target.getAttribute('class'))"""
REGIONS = "[aria-live], [role=status], [role=alert], [role=log]"
# What is said aloud within some seconds, and what would interrupt whoever listens.
HEARD = """async ([regions, ms]) => {
  const all = [...document.querySelectorAll(`.jp-OutputArea-output :is(${regions})`)];
  const rude = all.filter(part => part.getAttribute('aria-live') === 'assertive'
    || (part.role === 'alert' && part.getAttribute('aria-live') !== 'polite'));
  const heard = [];
  const watch = new MutationObserver(seen => heard.push(...seen.map(one => one.target.textContent)));
  for (const part of all) watch.observe(part, { childList: true, characterData: true, subtree: true });
  await new Promise(done => setTimeout(done, ms));
  watch.disconnect();
  return { regions: all.length, rude: rude.map(part => part.outerHTML), heard };
}"""  # noqa: E501
TWICE = """() => {
  const ids = [...document.querySelectorAll('.dl-view [id]')].map(part => part.id);
  return ids.filter((id, at) => ids.indexOf(id) !== at);
}"""


def serious(page: Any) -> list[str]:
    """What axe-core finds in the outputs of a notebook: rule, number of places, the first few."""
    found = Axe().run(page, {"include": [[OUTPUTS]]}).response["violations"]
    return [
        f"{rule['impact']} {rule['id']}: {rule['help']}\n    {node['html'][:300]}\n    "
        + "; ".join(check["message"] for check in node["any"] + node["all"] + node["none"])
        for rule in found
        if rule["impact"] in BAD
        for node in rule["nodes"]
    ]


def walk(page: Any, output: Any, most: int = 80) -> list[dict[str, Any]]:
    """Tab through an output, from before it until behind it; what has the focus on the way."""
    output.evaluate(FENCE)
    seen = []
    try:
        for _ in range(most):
            page.keyboard.press("Tab")
            now = page.evaluate(NOW)
            if now["stop"] == "after":
                return seen
            if not now["what"].startswith("<iframe"):  # a page of its own
                seen.append(now)
        raise AssertionError(f"Tab does not lead out of it: {seen[-3:]}")
    finally:
        page.evaluate(UNFENCE)
