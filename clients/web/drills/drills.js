/** Drills: choosing one, getting it ready, the countdown, the drill as it goes, and its end. */

import { Problem } from "../page/problem.js";
import { announce } from "../ui/announce.js";
import { byId } from "../ui/elements.js";
import { words } from "../words/words.js";
import { Captions } from "./captions.js";
import { WELL } from "./card.js";
import { Drill } from "./drill.js";
import { INTERVIEW, preparing, storyQuestions, usualInterview } from "./interview.js";
import { forgetRuns, rememberRun } from "./runs.js";

/** @import { Feature, Page, Visit } from "../page/view.js" */
/** @import { DrillEnded, DrillMood, DrillOffer, DrillReady, DrillSound, DrillStep, DrillStepEnded } from "../protocol.js" */

const text = words.drills;
const COUNT_FROM = 3;

/** @implements {Feature} */
export class Drills {
  drill = new Drill();
  /** Seconds left of the countdown. */
  seconds = 0;
  #page;
  #captions = new Captions(byId("captions"));
  /** Step in which the interviewer asks something. */
  #asking = -1;

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
  }

  actions = {
    go: () => {
      this.drill.wanted = true;
      this.#page.machine.send("go");
    },
    drills: () => {
      this.drill.interview = null;
      this.#page.machine.send("drills");
    },
    interview: () => {
      this.drill.interview ??= usualInterview();
      this.#page.machine.send("drills");
    },
    redraw: () => this.#page.show(),
    forget: () => this.#forgetRuns(),
    softer: () => this.soften(),
    stop: () => this.stop(),
  };

  entering = {
    choosing: (/** @type {Visit} */ visit) => this.#choose(visit),
    preparing: () => this.#prepare(),
    countdown: () => this.#countDown(),
    card: () => announce(text.card(this.drill.ended?.card.title ?? "", this.drill.ended?.card.level ?? "")),
    broken: () => announce(text.broken, { urgent: true }),
  };

  messages = {
    drill_ready: (/** @type {DrillReady} */ message) => {
      this.drill.ready = message;
      this.#page.machine.send("count");
    },
    drill_step: (/** @type {DrillStep} */ { id, do: kind }) => {
      if (kind === "ask") this.#asking = id;
    },
    drill_sound: (/** @type {DrillSound} */ message) => this.#played(message),
    drill_mood: (/** @type {DrillMood} */ message) => this.#captions.showMood(message.mood),
    drill_hush: () => this.#page.calls.room?.setPlaying(0),
    drill_step_ended: (/** @type {DrillStepEnded} */ message) => this.#stepEnded(message),
    drill_ended: (/** @type {DrillEnded} */ message) => this.#ended(message),
  };

  get running() {
    return this.drill.running;
  }

  /** Clear what a session has left. */
  clear() {
    this.#captions.clear();
  }

  /** Return the event by which a session that goes on leads back to its drill; "" where it has none. */
  continuation() {
    const { drill } = this;
    if (drill.wanted) return "prepare";
    if (drill.running) return "drill";
    // A session that was begun for a drill is for nothing else: a person says when it goes on.
    if (this.#page.session.record.drill) return drill.ended ? "card" : "broken";
    return "";
  }

  /** @param {Visit} visit */
  async #choose(visit) {
    const { session } = this.#page;
    this.drill.stop();
    await session.settle();
    if (!visit.current) return;
    session.clear();
    if (this.drill.interview) return this.#chooseInterview(visit);
    try {
      this.drill.offers = await listed();
    } catch (error) {
      if (visit.current) this.#page.fail(new Problem("away", String(error)));
      return;
    }
    if (!visit.current) return;
    this.drill.choose({});
    this.#page.show();
  }

  /** @param {Visit} visit */
  async #chooseInterview(visit) {
    if (this.#page.takes.kept) {
      await this.#page.attempt(async () => {
        this.drill.answered = await storyQuestions();
      });
    }
    if (!visit.current) return;
    this.drill.drawAgain();
    this.#page.show();
  }

  #prepare() {
    const { session } = this.#page;
    const { name, level, db, interview, answered } = this.drill;
    this.drill.wanted = false;
    this.drill.ready = this.drill.ended = null;
    session.record.beginDrill({ name: interview ? INTERVIEW : name, level, after: session.record.cards.length, interview });
    if (interview) return session.send(preparing(interview, level, answered));
    session.send({ type: "lower_distractions", db });
    return session.send({ type: "prepare_drill", drill: name, level });
  }

  #countDown() {
    const { machine, session, timers } = this.#page;
    this.seconds = COUNT_FROM;
    announce(this.drill.interview ? words.interview.begins : `${text.talkAbout}: ${this.drill.topic}`);
    const count = () => {
      this.seconds -= 1;
      if (this.seconds > 0) return this.#page.show();
      session.connection?.playSound();
      this.drill.running = true;
      session.send({ type: "begin_drill" });
      machine.send("begin");
    };
    timers.set("countdown", count, 1000, { every: true });
  }

  /** Stop the drill and return whether there was one to stop. */
  stop() {
    if (!this.drill.running) return false;
    const { session } = this.#page;
    session.connection?.muteSound();
    return session.send({ type: "stop_drill" });
  }

  /** Lower the noises by one step. */
  soften() {
    this.#page.tell(this.drill.soften(), "noises");
    this.#page.session.send({ type: "lower_distractions", db: this.drill.db });
  }

  #forgetRuns() {
    forgetRuns();
    this.#page.tell(text.forgotten);
    this.drill.drawAgain();
    this.#page.show();
  }

  /** @param {DrillSound} sound */
  #played(sound) {
    const { room } = this.#page.calls;
    this.#captions.show(sound, (room ? words.call : text).people);
    room?.setPlaying(sound.length_s);
    if (!this.drill.interview || sound.step !== this.#asking) return;
    this.drill.asks = sound.say ?? "";
    this.#page.show();
  }

  /** @param {DrillStepEnded} message */
  #stepEnded({ result: { composure, do: kind } }) {
    if (composure !== null && composure >= WELL && kind !== "ask") this.#page.tell(text.handledWell, "praise");
  }

  /** @param {DrillEnded} message */
  #ended(message) {
    const { calls, machine, session } = this.#page;
    this.#captions.clear();
    if (calls.room) return calls.room.setPlaying(0); // the interviewer's doing: a part of the summary
    if (this.drill.ended?.seq === message.seq) return;
    session.connection?.muteSound();
    this.drill.stop();
    this.drill.earlier = message.card.drill === INTERVIEW ? [] : rememberRun(message);
    this.drill.ended = message;
    machine.send("card");
  }
}

/**
 * Return the drills that the server has; throws when it can't be asked.
 *
 * @returns {Promise<DrillOffer[]>}
 */
async function listed() {
  const response = await fetch("drills");
  if (!response.ok) throw new Error(text.none);
  return response.json();
}
