/** Printable reports of the server: opened as a page, or saved as PDF where the server can make one. */

import { actionButton } from "../ui/controls.js";
import { h } from "../ui/elements.js";
import { saveFile } from "../ui/save.js";
import { words } from "../words/words.js";
import { request } from "./record-api.js";

/** @import { Child } from "../ui/elements.js" */
/** @import { Page } from "./view.js" */

const text = words.report;

/** Regions that print on Letter; all others on A4. */
const LETTER = new Set(["US", "CA", "MX", "PH", "CL", "CO", "VE", "CR", "GT", "NI", "PA", "SV", "DO", "PR"]);

/** The paper of the person's region, as their browser's language tells it. */
const paper = () => (LETTER.has(new Intl.Locale(navigator.language).maximize().region ?? "") ? "letter" : "a4");

/**
 * Return what opens a report, and what saves it as PDF.
 *
 * @param {Page} page
 * @param {string} address of what is printed, such as `record/takes/ID`
 * @param {string} name of the file
 * @param {Record<string, string>} [more] that the server wants to know
 * @returns {Child[]}
 */
export function reportControls(page, address, name, more = {}) {
  const asked = new URLSearchParams({ ...more, paper: paper() });
  const open = h("a", { class: "secondary", href: `${address}/report.html?${asked}`, target: "_blank", rel: "noopener" }, text.open, h("span", { class: "unseen" }, ` (${text.tab})`));
  if (!page.config.pdf) return [open];
  const save = actionButton(text.pdf, "report_pdf", "secondary", () => page.attempt(make));
  const make = async () => {
    save.disabled = true;
    page.tell(text.making, "report");
    try {
      const response = await request(`${address}/report.pdf?${asked}`, {});
      saveFile(await response.blob(), `${name}.pdf`);
      page.tell(words.summary.saved, "report");
    } finally {
      save.disabled = false;
    }
  };
  return [open, save];
}
