const root = document.documentElement;
function applyTheme(value) {
if (value === 'light' || value === 'dark') root.dataset.theme = value;
else delete root.dataset.theme;
}
for (const form of document.querySelectorAll('form[data-appearance]')) {
form.addEventListener('change', () => {
const data = new FormData(form);
applyTheme(data.get('theme'));
fetch(form.action, { method: 'POST', body: data, redirect: 'manual' }).catch(() => {});
});
}
document.addEventListener('click', (event) => {
event.target.closest('[popover]:popover-open a')?.closest('[popover]').hidePopover();
});
for (const name of ['htmx:sendError', 'htmx:timeout', 'htmx:responseError']) {
document.addEventListener(name, () => {
for (const note of document.querySelectorAll('[data-when="failed"]')) note.hidden = false;
});
}
