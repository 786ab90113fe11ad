// What of the page as it is can't be seen or pressed: tests/web/fitting.py runs it in the page.
() => {
  const faults = [];
  const wide = document.documentElement.clientWidth;
  const dialog = document.querySelector("dialog[open]");
  const root = dialog ?? document.body;
  const name = (element) => {
    const text = element.getAttribute("aria-label") || element.textContent.trim() || element.id || element.className;
    return `${element.tagName.toLowerCase()} “${text.slice(0, 40)}”`;
  };
  const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".unseen, noscript, option")
    && getComputedStyle(element).clipPath === "none";
  const { scrollWidth } = document.scrollingElement;
  if (scrollWidth > wide) faults.push(`the page is ${scrollWidth} px wide`);
  if (dialog && dialog.scrollWidth > dialog.clientWidth) faults.push(`the dialog scrolls sideways`);

  // No text is cut off: it is within the page and within whatever clips it.
  const texts = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || !shown(parent) || parent.closest("select")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter(({ width }) => width > 0);
    if (getComputedStyle(parent.closest("nav") ?? parent).position !== "sticky") texts.push([parent, boxes]); // what lies beneath it scrolls
    for (const { left, right } of boxes) {
      if (left < -1 || right > wide + 1) faults.push(`${name(parent)} reaches ${Math.round(left)} to ${Math.round(right)} px`);
      for (let around = parent; around !== document.body && around; around = around.parentElement) {
        if (getComputedStyle(around).overflowX === "visible" && around.tagName !== "BUTTON") continue;
        const box = around.getBoundingClientRect();
        if (left < box.left - 1 || right > box.right + 1) faults.push(`${name(parent)} leaves ${name(around)}`);
      }
    }
  }

  // Every control can be brought into view, is nobody else's, and no text lies on it.
  for (const control of root.querySelectorAll("button, select, input, textarea, summary, a[href]")) {
    if (!shown(control)) continue;
    control.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    const box = control.getBoundingClientRect();
    if (box.left < -1 || box.right > wide + 1 || box.top < -1 || box.top > innerHeight) faults.push(`${name(control)} is out of view`);
    const hit = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    if (hit !== control && !control.contains(hit) && !hit?.closest("label")?.contains(control)) faults.push(`${name(control)} is beneath ${hit && name(hit)}`);
  }
  document.scrollingElement.scrollTo(0, 0);
  dialog?.scrollTo(0, 0);
  for (const control of root.querySelectorAll("button, select, textarea, summary")) {
    if (!shown(control)) continue;
    const box = control.getBoundingClientRect();
    for (const [parent] of texts) {
      if (control.contains(parent) || parent.contains(control)) continue;
      const at = parent.getBoundingClientRect();
      const [across, down] = [Math.min(box.right, at.right) - Math.max(box.left, at.left), Math.min(box.bottom, at.bottom) - Math.max(box.top, at.top)];
      if (across > 1 && down > 1 && parent.children.length === 0) faults.push(`${name(parent)} lies on ${name(control)}`);
    }
  }
  return [...new Set(faults)];
}
