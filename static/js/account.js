// Conveniences of the account pages. Each page reads and works without this file.

for (const field of document.querySelectorAll('[data-time-zone]')) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? '';
}

for (const button of document.querySelectorAll('[data-reveal]')) {
  const field = document.getElementById(button.getAttribute('aria-controls'));
  const words = [button.dataset.show, button.dataset.hide];
  const reveal = (open) => {
    field.type = open ? 'text' : 'password';
    button.textContent = words[Number(open)];
    button.ariaLabel = `${button.textContent}: ${field.labels[0].textContent}`;
  };
  reveal(false);
  button.hidden = false;
  button.addEventListener('click', () => reveal(field.type === 'password'));
  // Browsers offer to save a password only from a password field.
  field.form.addEventListener('submit', () => reveal(false));
}

// A second press would be answered for a page that is gone already.
for (const form of document.querySelectorAll('form[data-once]')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = 'yes';
  });
}
// A page that comes back from the browser's history can be sent again.
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-once]')) delete form.dataset.sent;
});
