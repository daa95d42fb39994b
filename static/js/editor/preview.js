// The preview: a page of its own in a frame, whose main part is filled with what the form holds.
const PAUSE = 600;
const WIDE = 1280;

export function makePreview({ editor, form, words, post, fields }) {
  const frame = editor.querySelector('iframe[name="preview"]');
  const choice = editor.querySelector('[data-preview-form]');
  if (!choice) return { changed() {}, offers() {} };
  const tab = editor.querySelector('[data-preview-tab]');
  const token = form.elements.csrfmiddlewaretoken.value;
  let timer = 0;
  let asking = null;
  // A language that is asked for before anything is written in it.
  let wanted = '';

  const query = () => new URLSearchParams([...new FormData(choice)].filter(([name]) => name !== 'width'));
  const address = () => `${editor.dataset.preview}?${query()}`;

  // A language has a preview from its first word on.
  function offer(languages) {
    const select = choice.elements.language;
    const known = [...select.options].map((option) => option.value);
    if (known.join() === languages.map(([code]) => code).join()) return;
    const shown = select.value;
    select.replaceChildren(...languages.map(([code, name]) => new Option(name, code)));
    const codes = languages.map(([code]) => code);
    select.value = codes.includes(wanted) ? wanted : codes.includes(shown) ? shown : codes[0];
    if (select.value !== shown) turn();
  }

  function turn() {
    frame.src = address();
    if (tab) tab.href = address();
  }

  // A reply that comes late would show an older text than the one that came before it.
  async function fill() {
    asking?.abort();
    asking = new AbortController();
    try {
      const response = await fetch(address(), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token },
        body: JSON.stringify({ fields: fields() }),
        redirect: 'manual',
        signal: asking.signal,
      });
      if (!response.ok && response.status !== 422) return;
      const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').querySelector('main');
      const main = frame.contentDocument?.querySelector('main');
      if (fresh && main) main.replaceChildren(...fresh.childNodes);
      const offered = main?.querySelector('[data-offered]')?.dataset.offered;
      if (offered) offer(JSON.parse(offered));
    } catch {
      // The next change asks again.
    }
  }

  function lay() {
    const isWide = choice.elements.width.value === 'wide';
    frame.dataset.width = isWide ? 'wide' : 'phone';
    frame.style.setProperty('--scale', String(frame.parentElement.clientWidth / WIDE));
  }

  choice.hidden = false;
  choice.previousElementSibling.hidden = true;
  choice.elements.theme.value = document.documentElement.classList.contains('dark') ? 'dark' : 'light';
  choice.addEventListener('change', (event) => {
    lay();
    if (event.target.name === 'language') wanted = '';
    if (event.target.name !== 'width') turn();
  });
  addEventListener('resize', lay);
  frame.addEventListener('load', fill);
  // A part of the form may have a page of its own: the preview follows what is being written.
  form.addEventListener('focusin', (event) => {
    const view = event.target.closest('[data-view]')?.dataset.view;
    if (!view || view === choice.elements.view.value || ![...choice.elements.view.options].some((option) => option.value === view)) return;
    choice.elements.view.value = view;
    turn();
  });
  lay();
  turn();
  return {
    /** Show the language that is written alone. */
    speaks(language) {
      if (!language) return;
      const isOffered = [...choice.elements.language.options].some((option) => option.value === language);
      wanted = isOffered ? '' : language;
      if (!isOffered) return;
      choice.elements.language.value = language;
      turn();
    },
    changed() {
      clearTimeout(timer);
      timer = setTimeout(fill, PAUSE);
    },
    /** Take over what a page that the server laid out anew can show. */
    offers(fresh) {
      const shown = choice.elements.view.value;
      choice.elements.view.replaceChildren(...fresh.querySelector('[data-preview-form] [name="view"]').childNodes);
      choice.elements.view.value = shown;
      if (choice.elements.view.selectedIndex < 0) choice.elements.view.selectedIndex = 0;
    },
  };
}
