// Saving while one types: what is not stored is said, kept, and sent again.
import { laidOut, sameFields } from './fields.js';

const PAUSE = 1200;
const LONGEST = 8000;
const RETRY = 4000;
const RETRY_MAX = 30000;

export function makeSaving({ editor, form, words, post, fields }, conflict) {
  const line = editor.querySelector('[data-saving]');
  let stored = laidOut(form);
  let revision = Number(editor.dataset.revision);
  let timer = 0;
  let since = 0;
  let retry = RETRY;
  let running = null;
  let waits = false;

  const say = (text, state = '') => {
    if (line.textContent !== text) line.textContent = text;
    line.dataset.state = state;
  };
  const isDirty = () => !sameFields(fields(), stored);
  const later = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };

  function name({ revision: number, state, digest }, stateName) {
    const before = editor.dataset.state;
    revision = Number(number);
    editor.dataset.revision = revision;
    for (const field of document.querySelectorAll('input[name="revision"]')) field.value = revision;
    if (digest) for (const field of document.querySelectorAll('input[name="digest"]')) field.value = digest;
    editor.dispatchEvent(new Event('stored'));
    if (!stateName || state === before) return;
    editor.dataset.state = state;
    editor.querySelector('[data-state-name]').textContent = stateName;
    say(words.state_changed.replace('%s', stateName));
    // What can be done now is other than what this page offers.
    if (before !== 'draft') for (const act of document.querySelectorAll('form.act button.first')) act.disabled = true;
  }

  function fail(text, again) {
    say(text, 'bad');
    if (!again) return;
    later(retry);
    retry = Math.min(retry * 2, RETRY_MAX);
  }

  function answered(reply, sent) {
    if (reply.status === 200 && reply.body) {
      stored = sent;
      since = 0;
      retry = RETRY;
      say(words.saved_at.replace('%s', reply.body.saved_at), 'good');
      name(reply.body, reply.body.state_name);
      if (isDirty()) changed();
      return true;
    }
    if (reply.body?.code === 'stale_draft') {
      waits = true;
      say(words.conflict.replace('%s', reply.body.by), 'bad');
      conflict.show(reply.body, stored, () => {
        waits = false;
        revision = reply.body.revision;
        return flush();
      });
    } else if (reply.body) {
      fail(words.refused.replace('%s', reply.body.detail ?? reply.status), reply.status >= 500);
    } else {
      fail(reply.status >= 500 ? words.offline : words.signed_out, true);
    }
    return false;
  }

  async function save() {
    clearTimeout(timer);
    if (running) return running;
    if (waits || !('open' in editor.dataset)) return !isDirty();
    if (!isDirty()) return true;
    const sent = fields();
    say(words.saving);
    running = post(editor.dataset.save, { revision, fields: sent }).then(
      (reply) => answered(reply, sent),
      () => {
        fail(words.offline, true);
        return false;
      },
    );
    const done = await running;
    running = null;
    return done;
  }

  /** Save what is there now, also what was typed while a save ran. */
  async function flush() {
    if (running) await running;
    return save();
  }

  function changed() {
    if (waits) return;
    if (!isDirty()) {
      clearTimeout(timer);
      say('');
      return;
    }
    since ||= Date.now();
    say(words.unsaved);
    later(Math.max(0, Math.min(PAUSE, since + LONGEST - Date.now())));
  }

  if (isDirty()) changed();
  addEventListener('online', () => isDirty() && save());
  return {
    changed,
    flush,
    /** Save nothing by itself until something else is typed. */
    rest: () => clearTimeout(timer),
    say: (text) => say(text, 'bad'),
    stored: () => stored,
    revision: () => revision,
    isDirty,
    /** Take what the server has just stored and laid out as what is stored. */
    took(data) {
      stored = laidOut(form);
      since = 0;
      name(data);
      say(words.saved, 'good');
    },
  };
}
