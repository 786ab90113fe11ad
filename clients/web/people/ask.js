/** Asking people: by a link for each, which is shown once, or by mail. */

import { isThisMachine, linkBase } from "../page/config.js";
import { actionButton, labelled, notice, select } from "../ui/controls.js";
import { byId, h, setText } from "../ui/elements.js";
import { words } from "../words/words.js";
import { makeRound } from "./api.js";

/** @import { Page } from "../page/view.js" */
/** @import { MadeRound, RoundView } from "../protocol.js" */

const text = words.feedback;

const PEOPLE = ["2", "3", "4", "5"].map((count) => [count, count]);
const MOST_CHARACTERS = "60";

/** What was typed, and made last: shown until the page is left or the round is over, as the server tells links once. */
const form = { asker: "", people: "3", days: "14", address: "", made: /** @type {MadeRound | null} */ (null) };

/**
 * @param {RoundView[]} rounds that there are
 * @param {Page} page
 */
export function askSection(rounds, page) {
  form.address ||= linkBase(page.config).href;
  if (!rounds.some(({ id, by, state }) => id === form.made?.round.id && (by === "mail" || state !== "over"))) form.made = null;
  const asker = h("input", { type: "text", id: "feedback-asker", value: form.asker, maxlength: MOST_CHARACTERS, required: true, autocomplete: "name" });
  asker.addEventListener("input", () => (form.asker = asker.value));
  const people = select("feedback-people", PEOPLE, form.people, (count) => (form.people = count));
  people.setAttribute("aria-describedby", "feedback-people-hint");
  const make = (/** @type {number} */ count) => page.attempt(() => begin(page, count));
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    make(Number(form.people));
  };
  const byMail = () => asker.reportValidity() && make(0);
  return h(
    "section",
    { class: "ask-people", "aria-labelledby": "ask-title" },
    h("h3", { id: "ask-title" }, text.ask),
    h(
      "form",
      { class: "edit", onsubmit: submit },
      labelled("feedback-asker", text.asker, asker),
      h("div", {}, labelled("feedback-people", text.people, people), h("small", { id: "feedback-people-hint" }, text.peopleHint)),
      labelled("feedback-days", text.days, select("feedback-days", text.dayChoices, form.days, (days) => (form.days = days))),
      h("div", { class: "row" }, h("button", { type: "submit", class: "primary" }, text.make), actionButton(text.byMail, "feedback_mail", "secondary", byMail)),
    ),
    h("div", { id: "feedback-made" }, form.made ? madeParts(form.made, page) : null),
  );
}

/**
 * @param {Page} page
 * @param {number} people
 */
async function begin(page, people) {
  form.made = await makeRound(form.asker.trim(), people, Number(form.days));
  await page.places.open();
  byId("made-title").focus();
}

/** @type {(made: MadeRound, page: Page) => HTMLElement[]} */
const madeParts = (made, page) => (made.links.length ? linkParts(made, page) : mailParts(made, page));

/**
 * @param {MadeRound} made
 * @param {Page} page
 */
function linkParts({ links }, page) {
  const shown = links.map((_, place) => h("input", { type: "text", readonly: true, class: "one-link", "aria-label": text.oneLink(place + 1, links.length) }));
  const warning = h("div", { id: "feedback-reach", role: "status" });
  const address = h("input", { type: "url", id: "feedback-address", value: form.address, inputmode: "url", autocomplete: "off", spellcheck: "false", "aria-describedby": "feedback-address-hint" });
  const draw = () => {
    const base = baseOf(form.address);
    for (const [place, input] of shown.entries()) input.value = base ? new URL(links[place], base).href : "";
    const said = !base ? text.noAddress : isThisMachine(base.hostname) ? text.onlyHere : "";
    warning.replaceChildren(...(said ? [notice(said)] : []));
  };
  address.addEventListener("input", () => {
    form.address = address.value;
    draw();
  });
  draw();
  return [
    h("h4", { id: "made-title", tabindex: "-1" }, text.made),
    h("p", {}, text.madeLead),
    h("div", {}, labelled("feedback-address", text.address, address), h("small", { id: "feedback-address-hint" }, text.addressHint)),
    warning,
    h("ol", { class: "links" }, shown.map((input, place) => h("li", {}, input, copyButton(text.copy, text.copyOne(place + 1), () => input, page)))),
  ];
}

/**
 * @param {MadeRound} made
 * @param {Page} page
 */
function mailParts({ text: toSend }, page) {
  const box = h("textarea", { id: "feedback-mail", readonly: true, rows: "12" }, toSend);
  return [
    h("h4", { id: "made-title", tabindex: "-1" }, text.mail),
    h("p", {}, text.mailLead),
    labelled("feedback-mail", text.mailText, box),
    h("div", { class: "row" }, copyButton(text.copyText, text.copyText, () => box, page)),
  ];
}

/**
 * @param {string} label
 * @param {string} said to a screen reader
 * @param {() => HTMLInputElement | HTMLTextAreaElement} source
 * @param {Page} page
 */
function copyButton(label, said, source, page) {
  const button = actionButton(label, "feedback_copy", "secondary", async () => {
    const from = source();
    const copied = await navigator.clipboard.writeText(from.value).then(
      () => true,
      () => false,
    );
    if (!copied) from.select();
    page.tell(copied ? text.copied : text.notCopied, "feedback");
    if (copied) setText(button, text.copied);
  });
  button.setAttribute("aria-label", said);
  return button;
}

/** @param {string} address */
function baseOf(address) {
  const typed = URL.canParse(address) ? new URL(address) : null;
  if (!typed || !/^https?:$/.test(typed.protocol)) return null;
  return new URL(typed.pathname.endsWith("/") ? "." : `${typed.pathname}/`, typed);
}
