/** A room's link: to be copied, as a QR code, and what to say with it. */

import { h, svg } from "../ui/elements.js";
import { words } from "../words/words.js";

/** @import { ViewTools } from "../page/view.js" */
/** @import { Room } from "./room.js" */

const text = words.call;

/**
 * Return what the host of a room sends to their partner.
 *
 * @param {Room} room
 * @param {ViewTools} tools
 */
export function invitation(room, tools) {
  const field = h("input", { type: "text", readonly: true, value: room.link, "aria-label": text.link, id: "link" });
  field.addEventListener("focus", () => field.select());
  const row = h("div", { class: "link-row" }, field, tools.button(text.copy, "copy", "secondary"));
  if (!room.reaches) return [row, h("p", { class: "aside", id: "reach" }, text.thisMachineOnly)];
  return [row, room.formOnce("qr", qrCode), room.lan && room.base.href === room.lan.url ? room.formOnce("certificate", certificateNote) : null];
}

/**
 * Return the link's QR code, which the server draws.
 *
 * @param {Room} room
 */
function qrCode(room) {
  const figure = h("div", { class: "qr" });
  fetch(`${room.url}/qr?${new URLSearchParams({ base: room.base.href })}`)
    .then((response) => (response.ok ? response.json() : null))
    .catch(() => null)
    .then((drawn) => {
      if (!drawn) return figure.replaceWith(h("p", { class: "aside" }, text.noCode));
      const box = { viewBox: `0 0 ${drawn.size} ${drawn.size}`, role: "img", "aria-label": text.code };
      figure.replaceChildren(svg("svg", box, svg("path", { d: drawn.path })));
    });
  return figure;
}

/**
 * Return what browsers say of the certificate that the server made, and how to be rid of that.
 *
 * @param {Room} room
 */
function certificateNote({ lan, base }) {
  const link = new URL("authority.crt", base).href;
  return h(
    "details",
    { class: "certificate" },
    h("summary", {}, text.certificate),
    h("p", {}, text.certificateWarning),
    h("p", {}, text.certificateCheck, " ", h("code", {}, lan?.fingerprint)),
    lan?.authority ? h("p", {}, text.authority, " ", h("a", { href: link }, link), ". ", text.authorityCheck, " ", h("code", {}, lan.authority)) : null,
  );
}
