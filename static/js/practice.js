// Practice: how many questions each group and topic has, counted anew at every choice. Without this file a button counts.

const form = document.getElementById('new');
const stock = JSON.parse(form.dataset.stock);
const start = form.querySelector('button.primary');
const [label, count] = start.children;
const words = label.textContent;
const chosen = (name) => [...form.querySelectorAll(`[name="${name}"]:checked`)].map(({ value }) => value);
const sum = (rows) => rows.reduce((total, row) => total + row[4], 0);
const wants = (values, value) => !values.length || values.includes(String(value));

/** Shows how many questions a topic has in the group; one without any cannot be chosen. */
function showEach(name, rows, column) {
  for (const box of form.querySelectorAll(`[name="${name}"]`)) {
    const n = sum(rows.filter((row) => String(row[column]) === box.value));
    box.parentElement.querySelector('.num').textContent = n;
    box.disabled = !n && !box.checked;
  }
}

function update() {
  const pools = [...form.elements.pool];
  const place = pools.findIndex(({ checked }) => checked);
  const inGroup = stock.filter((row) => row[3].includes(place));
  const [levels, topics, tasks] = ['difficulty', 'domain', 'task'].map(chosen);
  // A group that is one domain has no others to choose from.
  const domains = pools[place]?.value.startsWith('weak-') ? [] : topics;
  const level = inGroup.filter((row) => wants(levels, row[2]));
  showEach('difficulty', inGroup, 2);
  showEach('domain', level, 0);
  showEach('task', level, 1);
  // A task narrows the domain that it is part of.
  const narrowed = stock.filter((row) => tasks.includes(row[1])).map((row) => String(row[0]));
  const whole = domains.filter((domain) => !narrowed.includes(domain));
  const matching = sum(level.filter(([domain, task]) => !(domains.length || tasks.length) || tasks.includes(task) || whole.includes(String(domain))));
  const drawn = Math.min(matching, +chosen('number')[0]);
  form.querySelector('[data-drawn]').textContent = drawn;
  count.lastElementChild.textContent = drawn;
  form.querySelector('[data-matching]').textContent = matching;
  const minutes = Math.ceil((drawn * form.dataset.pace) / 60000);
  const unit = new Intl.NumberFormat(document.documentElement.lang, { style: 'unit', unit: 'minute', unitDisplay: 'long' });
  form.querySelector('[data-time]').textContent = minutes ? ` · ${unit.format(minutes)}` : '';
  start.disabled = !matching;
  label.textContent = matching ? words : start.dataset.none;
  count.hidden = !matching;
}

form.addEventListener('change', update);
// A browser that comes back to the page keeps what was chosen.
addEventListener('pageshow', update);
update();
