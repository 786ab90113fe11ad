/** Calls: a room with a friend, observing one, and being coached during a call that runs elsewhere. */

import { linkBase } from "../page/config.js";
import { Problem } from "../page/problem.js";
import { LIVE } from "../page/states.js";
import { announce } from "../ui/announce.js";
import { byId } from "../ui/elements.js";
import { words } from "../words/words.js";
import { LeaveDialog } from "./leave-dialog.js";
import { drawPanel, isInCall } from "./panel.js";
import { Room } from "./room.js";
import { forgetSeat, joinRoom, keptSeat, linkedRoom, makeRoom, observeRoom } from "./seat.js";
import { SharedSound } from "./shared-sound.js";

/** @import { Feature, Page, Visit } from "../page/view.js" */
/** @import { Seat } from "./seat.js" */

/** @implements {Feature} */
export class Calls {
  /** @type {Room | null} */
  room = null;
  /** Whether the person, when leaving, ends the call for both. */
  endsForBoth = true;
  /** @type {SharedSound | null} */
  #sharedSound = null;
  #page;
  #leaveDialog;
  #link = "";

  /**
   * @param {Page} page
   * @param {(both: boolean) => void} end
   */
  constructor(page, end) {
    this.#page = page;
    this.#leaveDialog = new LeaveDialog(byId("leaving", HTMLDialogElement), end);
  }

  actions = {
    coach_call: () => this.#coachCall(),
    talk_freely: () => this.#sit(() => makeRoom("free", "partner")),
    as_interviewer: () => this.#sit(() => makeRoom("interview", "interviewer")),
    as_candidate: () => this.#sit(() => makeRoom("interview", "candidate")),
    join: () => this.#sit(() => joinRoom(this.#link)),
    observe: () => this.#sit(() => observeRoom(this.#link)),
    turn_on_sound: () => this.room?.peers.playSound(),
    agree: () => this.#agree(),
    copy: () => this.#copyLink(),
    analysis: () => this.#toggleAnalysis(),
    share: () => this.room?.toggleSharing(),
    silence: () => this.silence(),
  };

  // A room

  /**
   * Restore what a link or a page before a reload left, and return whether there was any.
   *
   * @param {string} kept what the record has: `summary`, `session` or `nothing`
   */
  async restore(kept) {
    const { machine } = this.#page;
    const linked = linkedRoom();
    const seat = await keptSeat(linked);
    this.#link = linked ?? "";
    if (!seat || (linked && linked !== seat.id)) {
      if (!linked || kept !== "nothing") return false;
      this.#page.act("join");
      return true;
    }
    const room = this.#use(seat);
    try {
      await room.enter();
    } catch (error) {
      this.#forget();
      if (kept !== "nothing") return false;
      this.#page.fail(error);
      return true;
    }
    if (kept === "summary") return false; // what is shared may still come
    if (room.isObserver) machine.send("observe");
    else if (!room.agreed) machine.send("seated");
    else if (kept === "session" && room.analysed) machine.send("resume");
    else await this.#wait(room);
    return true;
  }

  /** @param {() => Promise<Seat>} take */
  async #sit(take) {
    const { machine, visit } = this.#page;
    try {
      const room = await this.#enter(take, visit);
      if (room) machine.send(room.isObserver ? "observe" : "seated");
    } catch (error) {
      this.#refused(error, visit);
    }
  }

  /**
   * Take a seat and enter its room; null where the person is elsewhere by then.
   *
   * @param {() => Promise<Seat>} take
   * @param {Visit} visit
   */
  async #enter(take, visit) {
    const seat = await take();
    if (!visit.current) return null;
    const room = this.#use(seat);
    await room.enter();
    if (visit.current) return room;
    if (this.room === room) this.leave();
    return null;
  }

  /**
   * Say why a room can't be entered to who still waits for it.
   *
   * @param {unknown} error
   * @param {Visit} visit
   */
  #refused(error, visit) {
    if (!visit.current) return;
    this.#forget();
    this.#page.fail(error);
  }

  /** @param {Seat} seat */
  #use(seat) {
    const page = this.#page;
    const room = new Room(seat);
    this.room = room;
    room.peers.iceServers = page.config.ice_servers;
    room.lan = page.config.lan;
    room.base = linkBase(page.config);
    /** @type {Record<string, (detail: any) => void>} */
    const listeners = {
      change: () => page.show(),
      call: () => this.#begin(),
      over: () => this.#over(room),
      exchange: () => page.machine.state === "finished" && page.showSummary(),
      gone: (problem) => page.fail(problem),
      announce: (text) => announce(text),
    };
    for (const [name, listener] of Object.entries(listeners)) {
      room.addEventListener(name, (event) => this.room === room && listener(/** @type {CustomEvent} */ (event).detail));
    }
    return room;
  }

  async #agree() {
    const { room } = this;
    if (!room) return;
    room.analysed = byId("analysed", HTMLInputElement).checked;
    await this.#wait(room);
  }

  /**
   * Wait for the partner, with the microphone open.
   *
   * @param {Room} room
   */
  async #wait(room) {
    const { input, machine, visit } = this.#page;
    try {
      await input.open();
    } catch (error) {
      if (visit.current) this.#page.fail(error);
      return;
    }
    if (!visit.current) return;
    room.setMicrophone(input.microphone.stream);
    room.agree(room.analysed);
    machine.send("wait");
    this.#begin();
  }

  /** Begin the session once both are there. */
  #begin() {
    const { machine } = this.#page;
    if (machine.state === "waiting" && this.room?.calling) machine.send(this.room.analysed ? "start" : "talk");
  }

  async #copyLink() {
    if (!this.room) return;
    await navigator.clipboard.writeText(this.room.link);
    this.#page.tell(words.call.copied);
  }

  /** Leave the analysis and stay in the call, or come back into it. */
  #toggleAnalysis() {
    if (!this.room) return;
    this.room.agree(!this.room.analysed);
    this.#page.notices.set("unheard", false);
    if (this.room.analysed) this.#page.machine.send("start");
    this.#page.show();
  }

  /** Stop what an interviewer plays. */
  silence() {
    if (this.room?.playing && this.#page.session.send({ type: "stop_drill" })) this.room.setPlaying(0);
  }

  /** @param {Room} room */
  #over(room) {
    const { machine, session } = this.#page;
    room.peers.close();
    const { state } = machine;
    if (["consent", "inviting", "observing"].includes(state)) this.#page.fail(new Problem("roomOver", room.overText));
    else if (state === "finished") this.#page.showSummary();
    else if (state === "lost") machine.send("give_up");
    else if (session.connection) session.expectSummary("summary"); // on its way
    else {
      session.record.endUnmeasured();
      machine.send("summary");
    }
  }

  // Leaving

  /** Ask how to leave where that concerns somebody else, and return whether it was asked. */
  askToLeave() {
    const { room } = this;
    if (!room?.calling || room.soundOnly || room.isObserver || this.#page.machine.state === "lost") return false;
    this.#leaveDialog.ask();
    return true;
  }

  /** Whether the question how to leave is shown. */
  get asksToLeave() {
    return this.#leaveDialog.open;
  }

  /**
   * Close the question how to leave in states in which there is no session.
   *
   * @param {string} state
   */
  entered(state) {
    if (!LIVE.has(state)) this.#leaveDialog.close();
  }

  /** End the call for both, and forget it. */
  leave() {
    this.room?.leave();
    this.#forget();
  }

  #forget() {
    this.#sharedSound?.close();
    this.#sharedSound = null;
    this.room?.close();
    forgetSeat(this.room?.seat);
    this.room = null;
  }

  /** Hear the others no more; what they share may still come. */
  hangUp() {
    this.room?.peers.close();
    this.#sharedSound?.close();
  }

  /** Whether the seat is kept until a problem of the microphone is mended. */
  get keepsSeat() {
    return Boolean(this.room && !this.room.over && !this.#sharedSound);
  }

  // A call that runs elsewhere

  async #coachCall() {
    const { visit } = this.#page;
    let sound = null;
    try {
      sound = await SharedSound.request();
      if (!sound) return; // changed their mind
      const room = visit.current && (await this.#enter(() => makeRoom("beside", "partner"), visit));
      if (!room) return sound.close();
      room.agree(true);
    } catch (error) {
      sound?.close();
      this.#refused(error, visit);
      return;
    }
    this.#sharedSound = sound;
    sound.addEventListener("ended", () => this.#sharedSound === sound && this.#page.notices.set("soundEnded", true));
    this.#page.machine.send("start");
  }

  /** Let the engine hear the other side of such a call, once it hears this person. */
  sendSharedSound() {
    const { config, notices } = this.#page;
    if (!this.room?.soundOnly) return;
    const live = Boolean(this.#sharedSound?.live);
    if (live) this.#sharedSound?.send({ iceServers: config.ice_servers, seat: this.room.soundSeat });
    notices.set("noSound", !live && !notices.has("soundEnded"));
  }

  // Showing

  /** @param {string} state */
  show(state) {
    drawPanel(byId("room"), this.room, state, (name) => this.#page.act(name));
  }

  /**
   * Return whether a call of two is shown.
   *
   * @param {string} state
   */
  isShown(state) {
    return isInCall(this.room, state);
  }
}
