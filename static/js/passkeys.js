// Passkeys: makes one for the page that adds it, and asks for one where somebody signs in or confirms who they
// are. Without this file each of these pages says what to do instead.

const bytes = (text) => Uint8Array.from(
  atob(text.replaceAll('-', '+').replaceAll('_', '/')),
  (sign) => sign.charCodeAt(0),
);
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const known = (list) => (list ?? []).map((one) => ({...one, id: bytes(one.id)}));

async function create(options) {
  const asked = options.publicKey;
  return navigator.credentials.create({publicKey: {
    ...asked,
    challenge: bytes(asked.challenge),
    user: {...asked.user, id: bytes(asked.user.id)},
    excludeCredentials: known(asked.excludeCredentials),
    // Kept by the device under the account's name, and opened by finger, face, or PIN.
    authenticatorSelection: {
      ...asked.authenticatorSelection,
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
    },
  }});
}

async function get(options) {
  const asked = options.publicKey;
  return navigator.credentials.get({publicKey: {
    ...asked,
    challenge: bytes(asked.challenge),
    allowCredentials: known(asked.allowCredentials),
  }});
}

// The fields that the server reads, each buffer as base64url.
function sent(credential) {
  const response = {};
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
    authenticatorAttachment: credential.authenticatorAttachment,
  });
}

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const reply = await fetch(form.action, {headers: {'Accept': 'application/json'}});
  if (!reply.ok) throw new Error(String(reply.status));
  return (await reply.json()).request_options;
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  const without = document.querySelector(`#${form.id}-without`);
  const failed = document.querySelector(`#${form.id}-failed`);
  if (!window.PublicKeyCredential) continue;
  if (without) without.hidden = true;
  form.hidden = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = 'yes';
    failed.hidden = true;
    try {
      const act = form.dataset.passkey === 'create' ? create : get;
      form.elements.credential.value = sent(await act(await optionsOf(form)));
      form.submit();
    } catch {
      // Canceled, timed out, or not possible here: the browser does not tell a page which.
      failed.hidden = false;
    } finally {
      delete form.dataset.busy;
    }
  });
}
