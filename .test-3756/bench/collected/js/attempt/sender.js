const PATIENCE = 8000;
const GRACE = 30000;
const BATCH = 100;
const NOTHING = { selected: [], flagged: false };
const safely = (run, otherwise) => {
try {
return run();
} catch {
return otherwise;
}
};
export function openJournal(attempt) {
const prefix = `passline:${attempt}:`;
const entries = new Map();
const name = ({ lease, seq }) => `${lease}:${seq}`;
const read = (key) => safely(() => JSON.parse(localStorage.getItem(prefix + key)), null);
const remove = (key) => safely(() => localStorage.removeItem(prefix + key));
const write = (key, value) => {
journal.durable = safely(() => localStorage.setItem(prefix + key, JSON.stringify(value)) ?? true, false);
};
const keys = () => safely(() => Object.keys(localStorage), [])
.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
const journal = {
durable: true,
view: { seen: [], struck: {}, ...read('view') },
keepView: () => write('view', journal.view),
claim: (lease) => write('lease', lease),
load() {
for (const key of keys()) {
const [, lease, seq] = /^(\d+):(\d+)$/.exec(key) ?? [];
const kept = lease && !entries.has(key) && read(key);
if (kept) entries.set(key, { lease: +lease, seq: +seq, position: kept[0], selected: kept[1], flagged: !!kept[2], made: -Infinity });
}
},
all: () => [...entries.values()].sort((a, b) => a.lease - b.lease || a.seq - b.seq),
waiting: () => journal.all().filter((entry) => !entry.refused),
add(entry) {
entries.set(name(entry), entry);
write(name(entry), [entry.position, entry.selected, +entry.flagged]);
},
drop(entry) {
entries.delete(name(entry));
remove(name(entry));
},
renumber(entry, lease, seq) {
journal.add({ ...entry, refused: false, lease, seq });
journal.drop(entry);
},
wipe() {
entries.clear();
keys().forEach(remove);
},
};
addEventListener('storage', ({ key, newValue }) => {
if (!key?.startsWith(prefix)) return;
const own = key.slice(prefix.length);
if (own === 'lease') journal.onLease(+newValue);
else if (newValue === null && entries.delete(own)) journal.onLost();
});
journal.keepView();
return journal;
}
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const cookie = (name) => document.cookie.split('; ').find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
export async function ask(url, options = {}, headers = {}) {
try {
const reply = await fetch(url, {
cache: 'no-store',
signal: AbortSignal.timeout(PATIENCE),
headers: { Accept: 'application/json', ...headers },
...options,
});
return { status: reply.status, data: await reply.json().catch(() => ({})) };
} catch {
return { status: 0, data: {} };
}
}
function post(url, body, csrf, keepalive = false) {
const options = { method: 'POST', body: JSON.stringify(body), credentials: csrf ? 'same-origin' : 'omit', redirect: 'error', keepalive };
return ask(url, options, { 'Content-Type': 'application/json', ...(csrf && { 'X-CSRFToken': cookie(csrf) }) });
}
const line = ({ seq, position, selected, flagged }) => ({ seq, position, selected, flagged });
const same = (a, b) => a.flagged === b.flagged && `${[...a.selected].sort()}` === `${[...b.selected].sort()}`;
const signedOut = (status) => status === 401 || status === 403;
export function makeSender({ api, csrf, journal, clock, on }) {
const sender = { number: 0, stopped: '', failures: 0 };
let lease = '';
let seq = 1;
let busy = null;
let leasing = null;
let single = false;
let timer = 0;
let last = null;
journal.load();
for (const entry of journal.all()) if (!entry.lease) seq = Math.max(seq, entry.seq + 1);
const stop = (why, data = {}) => {
sender.stopped = why;
clearTimeout(timer);
if (why === 'taken') on.taken();
else on.ended(data);
};
const again = (run) => {
if (clock.left() < -GRACE) return stop('late');
sender.failures += 1;
clearTimeout(timer);
timer = setTimeout(run, Math.min(15000, 1000 * 2 ** (sender.failures - 1)) * (0.75 + Math.random() / 2));
return on.state();
};
const batch = (most) => journal.waiting().filter((entry) => entry.lease === sender.number).slice(0, most);
const save = (entries, keepalive) => post(`${api}answers/`, { lease, changes: entries.map(line) }, '', keepalive);
const renew = (entry) => {
on.applied(entry);
journal.renumber(entry, sender.number, seq++);
};
function judge({ status, data }, sent) {
const { code } = data;
if (code === 'lease_taken') stop('taken');
else if (code === 'attempt_closed' || code === 'late') stop(code, data);
else if (status === 404) {
lease = '';
again(take);
} else if (sent.length && (status === 422 || status === 413 || code === 'seq_reused')) {
if (sent.length === 1) sent[0].refused = true;
single = sent.length > 1;
pump();
} else if (sent.length) again(pump);
}
async function send(sent) {
const reply = await save(sent);
clock.sync(reply.data);
busy = null;
if (reply.status === 200) {
sender.failures = 0;
sent.forEach(journal.drop);
last = sent.at(-1);
pump();
} else judge(reply, sent);
on.state();
}
function pump() {
if (busy || !lease || sender.stopped) return busy;
clearTimeout(timer);
const next = batch(single ? 1 : BATCH);
if (next.length) busy = send(next);
else single = false;
return busy;
}
async function settle(answers) {
const held = new Map(answers.map((answer) => [answer.position, answer]));
const asked = new Map();
for (const entry of journal.all()) {
const stored = held.get(entry.position);
if (stored?.lease_no === entry.lease && stored.seq >= entry.seq) journal.drop(entry);
else if (entry.here && !entry.lease || entry.lease + 1 === sender.number) renew(entry);
else {
if (asked.has(entry.position)) journal.drop(asked.get(entry.position));
asked.set(entry.position, entry);
}
}
const pairs = [];
for (const mine of asked.values()) {
const theirs = held.get(mine.position) ?? NOTHING;
if (same(mine, theirs)) journal.drop(mine);
else pairs.push({ mine, theirs });
}
const keep = pairs.length && await on.choose(pairs);
if (keep) for (const { mine } of pairs) (keep.has(mine.position) ? renew : journal.drop)(mine);
}
async function takeOnce(tried) {
const { status, data } = await post(`${api}lease/`, {}, csrf);
if (signedOut(status) && !tried) return takeOnce(true);
if (status === 200) {
clock.sync(data);
Object.assign(sender, { failures: 0, stopped: '', number: data.lease_no });
seq = data.next_seq;
last = null;
journal.claim(sender.number);
journal.load();
on.held(data.answers);
lease = data.lease;
await settle(data.answers);
on.settled();
}
leasing = null;
if (status === 200) return pump();
if (signedOut(status)) return on.signIn().then(take);
if (status === 404 || status === 409) return stop('attempt_closed', data);
return again(take);
}
function take() {
clearTimeout(timer);
leasing ??= takeOnce(false);
return leasing;
}
return Object.assign(sender, {
take,
change(position, selected, flagged) {
journal.add({ lease: sender.number, seq: seq++, position, selected, flagged, made: performance.now(), here: true });
pump();
on.state();
},
async wake() {
if (sender.stopped || busy) return;
if (!lease) take();
else if (!pump()) {
const reply = await (last ? save([last]) : ask(api));
clock.sync(reply.data);
if (last && reply.status !== 200) judge(reply, []);
}
},
async flush(ms) {
const until = performance.now() + ms;
while (journal.waiting().length && !sender.stopped && performance.now() < until) {
await Promise.race([lease ? pump() ?? sleep(200) : take(), sleep(1000)]);
if (sender.failures) await sleep(1000);
}
return !journal.waiting().length;
},
async submit() {
const send = () => post(`${api}submit/`, { lease }, csrf);
const reply = await send();
return signedOut(reply.status) ? send() : reply;
},
farewell() {
const sent = batch(BATCH);
if (lease && sent.length && !sender.stopped) save(sent, true).then(({ status }) => status === 200 && sent.forEach(journal.drop));
},
heard(number) {
if (sender.number && number > sender.number && !sender.stopped) stop('taken');
},
});
}
