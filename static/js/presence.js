// A plain form of a draft: says that its page is open, and who else has it.
import { makePeople } from './editor/people.js';
import { makePost } from './editor/post.js';

const editor = document.getElementById('editor');
const form = document.getElementById('draft');
let isTyped = false;

form.addEventListener('input', () => {
  isTyped = true;
});
makePeople(
  { editor, words: JSON.parse(editor.dataset.words), post: makePost(form) },
  { revision: () => Number(editor.dataset.revision), isDirty: () => isTyped },
);
