// What all pages behind the links of mails do: hide the token, wait for the button, send one mutation, say what it came
// to. Nothing is sent before the button is pressed: programs that check mails open every link in them, and the token
// works once. A page says what is its own in the attributes of its form: `data-mutation`, the field of the payload that
// is true when it worked (`data-done`), and the words for both cases (`data-success`, `data-failure`). Its inputs are
// fields of the mutation's input, beside `token`.
const form = document.getElementById('form');
const button = document.getElementById('button');
const question = document.getElementById('question');
const outcome = document.getElementById('outcome');
const { mutation, done, success, failure, progress } = form.dataset;

const inputType = `${mutation[0].toUpperCase()}${mutation.slice(1)}Input`;
const operation = `mutation ($input: ${inputType}!) { ${mutation}(input: $input) { ${done} userErrors { message path } } }`;

const token = new URLSearchParams(location.search).get('token') ?? '';
// Neither the history nor a copied address shall hold it.
history.replaceState(null, '', location.pathname);

/** What the graph answered: whether it worked, or why it did not. */
async function send() {
  const input = { token, ...Object.fromEntries(new FormData(form)) };
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' },
    body: JSON.stringify({ query: operation, variables: { input } }),
  });
  const { data, errors } = await response.json();
  const payload = data?.[mutation];
  if (payload?.[done] === true) return { worked: true };
  const [reason] = [...(payload?.userErrors ?? []), ...(errors ?? [])];
  // Only what is said of the token itself is final: after anything else it may still be good.
  const isFinal = payload?.userErrors?.some(({ path }) => path?.at(-1) === 'token') === true;
  return { worked: false, isFinal, reason: reason?.message };
}

function show(text) {
  outcome.textContent = text;
}

async function submit(event) {
  event.preventDefault();
  button.disabled = true;
  show(`${progress} ...`);
  try {
    const { worked, isFinal, reason } = await send();
    if (worked) question.hidden = true;
    if (worked || isFinal) form.hidden = true;
    else button.disabled = false;
    show(worked ? success : `${failure}: ${reason ?? 'no reason was given'}`);
  } catch (error) {
    button.disabled = false;
    show(`${failure}, the server could not be reached (${error.message}). Try again.`);
  }
}

if (token === '') {
  question.hidden = true;
  show('This link has no token. Open it exactly as it is in the mail.');
} else {
  form.hidden = false;
  form.addEventListener('submit', (event) => void submit(event));
}
