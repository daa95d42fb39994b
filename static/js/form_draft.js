// The page of a drafted exam is a plain form. This keeps what was typed into it when something else is pressed.
import { fieldsOf, laidOut, sameFields } from './editor/fields.js';

const form = document.getElementById('draft');
const told = document.querySelector('[data-unsaved]');
const stored = laidOut(form);
let leaves = false;

// What a refusal shows again is stored nowhere.
const isDirty = () => 'refused' in form.dataset || !sameFields(fieldsOf(form), stored);
const isTyped = () => [...document.querySelectorAll('form.act textarea')].some((field) => field.value !== field.defaultValue);

form.addEventListener('submit', () => {
  leaves = true;
});
// Enter does what the button beside its field does.
for (const joined of form.querySelectorAll('.joined')) {
  joined.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.target.tagName !== 'INPUT') return;
    event.preventDefault();
    joined.querySelector('button').click();
  });
}
for (const act of document.querySelectorAll('form.act')) {
  act.addEventListener('submit', (event) => {
    leaves = !told || !isDirty();
    if (leaves) return;
    event.preventDefault();
    told.hidden = false;
    told.focus();
  });
}
addEventListener('beforeunload', (event) => {
  if (!leaves && (isDirty() || isTyped())) event.preventDefault();
});
