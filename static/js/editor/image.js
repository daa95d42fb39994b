// An image goes below the paragraph in which somebody wrote last.
export function followWriting(form) {
  const at = () => form.elements['image.at'];
  form.addEventListener('focusout', ({ target }) => {
    const places = form.elements['image.field'];
    if (!places || ![...places.options].some((one) => one.value === target.name)) return;
    places.value = target.name;
    at().value = [...target.value.slice(0, target.selectionStart)].length;
  });
  form.addEventListener('change', ({ target }) => {
    if (target.name === 'image.field') at().value = '';
  });
  // The admin's own script expects its own widget around a file.
  form.addEventListener('change', (event) => event.target.type === 'file' && event.stopPropagation(), true);
}

/** Say at the field why an image was refused; tell whether it was: the text is saved all the same. Remarks leave it. */
export function sayRefused(form, fresh) {
  const rows = fresh.querySelectorAll('[data-refused-image] > li');
  if (rows.length) form.querySelector('[data-refused-image]').replaceChildren(...rows);
  return rows.length > 0;
}
