// Unsent changes of one attempt: option ids and flags, never a text, never the lease itself.
// One storage key per change, so that two windows cannot overwrite each other's.

const ROOT = 'passline:';

/** Opens the journal of an attempt. `durable` is false where the browser keeps nothing. */
export function openJournal(attempt) {
  const prefix = `${ROOT}${attempt}:`;
  const entries = new Map();
  const journal = { durable: true, onLost: () => {}, onLease: () => {} };

  const put = (key, value) => {
    try {
      localStorage.setItem(prefix + key, value);
    } catch {
      journal.durable = false;
    }
  };
  const take = (key) => {
    try {
      return localStorage.getItem(prefix + key);
    } catch {
      return null;
    }
  };
  const remove = (key) => {
    try {
      localStorage.removeItem(prefix + key);
    } catch { /* there is nothing to remove */ }
  };
  const keys = () => {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
    } catch {
      return [];
    }
  };
  const name = (entry) => `${entry.lease}:${entry.seq}`;

  put('test', '');
  remove('test');

  /** Reads what an earlier page or another window left unsent. */
  journal.load = () => {
    for (const key of keys()) {
      const [, lease, seq] = /^(\d+):(\d+)$/.exec(key) ?? [];
      if (!lease || entries.has(key)) continue;
      try {
        const [position, selected, flagged] = JSON.parse(take(key));
        entries.set(key, { lease: +lease, seq: +seq, position, selected, flagged: Boolean(flagged), made: -Infinity });
      } catch {
        remove(key);
      }
    }
  };
  journal.all = () => [...entries.values()].sort((a, b) => a.lease - b.lease || a.seq - b.seq);
  /** What waits to be sent, oldest first; refused ones stay kept but are not sent again. */
  journal.waiting = () => journal.all().filter((entry) => !entry.refused);
  journal.add = (entry) => {
    entries.set(name(entry), entry);
    put(name(entry), JSON.stringify([entry.position, entry.selected, +entry.flagged]));
  };
  journal.drop = (entry) => {
    entries.delete(name(entry));
    remove(name(entry));
  };
  /** Gives an entry the number of a new lease; at no moment is it in neither place. */
  journal.renumber = (entry, lease, seq) => {
    const { refused, ...rest } = entry;
    journal.add({ ...rest, lease, seq });
    journal.drop(entry);
  };
  journal.wipe = () => {
    entries.clear();
    keys().forEach(remove);
  };

  /** Tells other windows that this one writes now; the server decides, this only spares them a refusal. */
  journal.claim = (lease) => put('lease', lease);
  const view = (() => {
    try {
      return JSON.parse(take('view')) ?? {};
    } catch {
      return {};
    }
  })();
  /** What only this browser knows: place, questions seen, struck options, hidden clock, keys. */
  journal.view = view;
  journal.keepView = () => put('view', JSON.stringify(view));

  addEventListener('storage', (event) => {
    if (!event.key?.startsWith(prefix)) return;
    const key = event.key.slice(prefix.length);
    if (key === 'lease') journal.onLease(Number(event.newValue));
    else if (event.newValue === null && entries.delete(key)) journal.onLost();
  });
  return journal;
}

/** Says how many changes of any attempt this browser still keeps unsent. */
export function unsent() {
  try {
    return Object.keys(localStorage).filter((key) => /^passline:[^:]+:\d+:\d+$/.test(key)).length;
  } catch {
    return 0;
  }
}
