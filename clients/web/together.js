/** What the page does where somebody else talks: in a room with them, or in a call that runs elsewhere. */

import { announce } from "./announce.js";
import { Beside } from "./beside.js";
import { at } from "./dom.js";
import { Problem } from "./problem.js";
import { Room } from "./rooms.js";
import { words } from "./words.js";

/**
 * The room that the page sits in, if any, and the sound of another call. `page` is the App: its machine, microphone,
 * settings, record and call, and what it shows.
 */
export class Together {
  room = null;
  beside = null;
  #page;
  #link = null;

  constructor(page) {
    this.#page = page;
  }

  /** What the buttons do that are about others. */
  get actions() {
    return {
      listen: () => this.#listenBeside(),
      free: () => this.#sit(() => Room.make("free", "partner")),
      interviewer: () => this.#sit(() => Room.make("interview", "interviewer")),
      candidate: () => this.#sit(() => Room.make("interview", "candidate")),
      join: () => this.#sit(() => Room.join(this.#link)),
      observe: () => this.#sit(() => Room.observe(this.#link)),
      hearken: () => this.room.hearken(),
      agree: () => this.#agree(),
      copy: async () => (await navigator.clipboard.writeText(this.room.link), this.#page.say(words.room.copied)),
      analysis: () => this.#analysis(),
      share: () => this.room.share(),
    };
  }

  // A call of two

  /** Take up what a link or a page before a reload left; says whether there was any. */
  async restore(kept) {
    const { machine } = this.#page;
    const linked = (this.#link = Room.linked());
    const seat = await Room.kept(linked);
    if (seat && (!linked || linked === seat.id)) {
      this.#seated(new Room(seat));
      try {
        await this.room.enter();
      } catch (error) {
        this.#forget();
        if (kept !== "nothing") return false;
        this.#page.fail(error);
        return true;
      }
      if (kept === "summary") return false; // what is shared may still come
      if (this.room.observes) machine.send("observe");
      else if (!this.room.agreed) machine.send("seated");
      else if (kept === "session" && this.room.analysed) machine.send("resume");
      else await this.#await();
      return true;
    }
    if (!linked || kept !== "nothing") return false;
    await this.#page.act("join");
    return true;
  }

  async #sit(make) {
    try {
      this.#seated(await make());
      await this.room.enter();
      this.#page.machine.send(this.room.observes ? "observe" : "seated");
    } catch (error) {
      this.#forget();
      this.#page.fail(error);
    }
  }

  #seated(room) {
    const page = this.#page;
    this.room = room;
    room.iceServers = page.config.ice_servers;
    room.linkHost = page.config.link_host;
    const heard = {
      change: () => page.show(),
      call: () => this.#called(),
      over: () => this.#over(),
      exchange: () => page.machine.state === "finished" && page.summarise(),
      gone: ({ detail }) => page.fail(detail),
      said: ({ detail }) => announce(detail),
    };
    for (const [name, action] of Object.entries(heard)) {
      room.addEventListener(name, (event) => this.room === room && action(event));
    }
  }

  async #agree() {
    this.room.analysed = at("analysed").checked;
    await this.#await();
  }

  /** Wait for the other one, with the microphone open. */
  async #await() {
    const { machine, microphone } = this.#page;
    try {
      await this.#page.openMicrophone();
    } catch (error) {
      return this.#page.fail(error);
    }
    this.room.use(microphone.stream);
    this.room.agree(this.room.analysed);
    machine.send("wait");
    this.#called();
  }

  /** Both are there: the engine may listen. */
  #called() {
    const { machine } = this.#page;
    if (machine.state !== "waiting" || !this.room.calling) return;
    machine.send(this.room.analysed ? "start" : "talk");
  }

  /** Leave the analysis and stay in the call, or come back into it. */
  #analysis() {
    this.room.agree(!this.room.analysed);
    this.#page.notice("unheard", false);
    if (this.room.analysed) this.#page.machine.send("start");
    this.#page.show();
  }

  #over() {
    const { machine, record, call } = this.#page;
    this.room.hangUp();
    const { state } = machine;
    if (["consent", "inviting", "observing"].includes(state)) return this.#page.fail(new Problem("roomOver", this.room.ended));
    if (state === "finished") return this.#page.summarise();
    if (state === "lost") return machine.send("give_up");
    if (call) return this.#page.expectSummary("summary"); // on its way
    record.unmeasured();
    machine.send("summary");
  }

  /** Whether there is somebody at the other end whom it concerns when this one ends the call. */
  get calling() {
    return Boolean(this.room?.calling && this.room.state.mode !== "beside" && !this.room.observes);
  }

  /** End the call, and know nothing of it any more. */
  leave() {
    this.room?.leave();
    this.#forget();
  }

  #forget() {
    this.beside?.close();
    this.beside = null;
    this.room?.close();
    Room.forget(this.room?.seat);
    this.room = null;
  }

  /** Hear no more of them; what they share may still come. */
  hangUp() {
    this.room?.hangUp();
    this.beside?.close();
  }

  // A call that runs elsewhere

  async #listenBeside() {
    let beside = null;
    try {
      beside = await Beside.share();
      if (!beside) return; // changed their mind
      this.#seated(await Room.make("beside", "partner"));
      await this.room.enter();
      this.room.agree(true);
    } catch (error) {
      beside?.close();
      this.#forget();
      return this.#page.fail(error);
    }
    this.beside = beside;
    beside.addEventListener("ended", () => this.beside === beside && this.#page.notice("soundEnded", true));
    this.#page.machine.send("start");
  }

  /** Let the engine hear the other side of such a call, once it hears this one. */
  otherSide() {
    if (this.room?.state.mode !== "beside") return;
    const heard = Boolean(this.beside?.live);
    if (heard) this.beside.send({ iceServers: this.#page.config.ice_servers, seat: this.room.beside });
    this.#page.notice("noSound", !heard && !this.#page.notices.has("soundEnded"));
  }
}
