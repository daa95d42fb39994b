/** Return how to post an object; the reply is its status and its object, null where it is none of ours. */
export function makePost(form) {
  return async (address, body, signal) => {
    const response = await fetch(address, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json',
        'X-CSRFToken': form.elements.csrfmiddlewaretoken.value,
      },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal,
    });
    const isOurs = response.headers.get('Content-Type')?.includes('json');
    return { status: response.status, body: isOurs ? await response.json() : null };
  };
}
