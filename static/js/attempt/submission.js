// The end of an exam: by the person's will, which may be taken back until the request has left, and by the clock.

import { isReceipt, isSignedOut, sleep } from './sender.js';

const CLOSED = ['attempt_closed', 'late'];

/**
 * Makes the submission. `on` hears: flushing(), unsent(), sent(), noReply(), refused(data), elsewhere(), done();
 * signIn() resolves when signed in again.
 */
export function makeSubmission({ sender, clock, on }) {
  // '': nothing is asked. 'flushing': answers go first, and the person may leave. 'sent': the request is on its
  // way, and may reach the server at any later moment. 'done': the server has ended the exam.
  let state = '';
  let round = 0;

  /** Asks until the server has spoken: a repeat gets the same receipt, and ends nothing twice. */
  async function deliver() {
    for (let wait = 1000; ; wait = Math.min(15000, 2 * wait)) {
      const reply = await sender.submit();
      const { code } = reply.data;
      if (isReceipt(reply) || code === 'attempt_closed') return 'done';
      if (isSignedOut(reply)) await on.signIn();
      else if (code && reply.status < 500) return reply;
      else {
        on.noReply();
        await sleep(wait);
      }
    }
  }

  async function conclude(anyway) {
    const end = await deliver();
    if (end === 'done') {
      state = end;
      return on.done();
    }
    const taken = end.data.code === 'lease_taken';
    const retaken = taken && sender.displaced();
    await retaken;
    state = '';
    if (retaken) return submission.start(anyway);
    return taken ? on.elsewhere() : on.refused(end.data);
  }

  const submission = {
    /** Sends what is unsent, unless `anyway`, and submits. Nothing leaves after `leave`. */
    async start(anyway = false) {
      if (state) return;
      round += 1;
      const mine = round;
      state = 'flushing';
      on.flushing();
      const clean = anyway || await sender.flush(10000);
      if (mine !== round) return;
      state = clean ? 'sent' : '';
      if (!clean) return on.unsent();
      on.sent();
      await conclude(anyway);
    },
    /** Takes it back. False once the request has left: nobody can call that one back. */
    leave() {
      if (state === 'flushing') {
        round += 1;
        state = '';
      }
      return !state;
    },
    /** Ends the exam when its time is up, unless the deadline moved. Returns whether it is over. */
    async expire() {
      submission.leave();
      await sender.wake();
      await sender.flush(28000);
      // Not everybody who started together ends in the same second.
      await sleep(Math.random() * 5000);
      await sender.wake();
      for (let tries = 0; tries < 5 && clock.left() <= 1000; tries += 1) {
        if (CLOSED.includes(sender.stopped)) return true;
        const reply = await sender.submit();
        if (isReceipt(reply) || isSignedOut(reply) || reply.data.code === 'attempt_closed') return true;
        await sleep(3000);
      }
      return clock.left() <= 1000;
    },
  };
  return submission;
}
