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
}

/** Say at the field why an image was refused. */
export function sayRefused(form, fresh) {
  const said = fresh.querySelector('[data-said="image"]');
  if (said) form.querySelector('[data-said="image"]').replaceChildren(...said.children);
}
