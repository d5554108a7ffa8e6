// Nothing is sent before the button is pressed: programs that check mails open every link in them, and the token works
// once.
const MUTATION = `mutation VerifyEmail($input: VerifyEmailInput!) {
  verifyEmail(input: $input) { verified userErrors { message } }
}`;

const button = document.getElementById('verify');
const question = document.getElementById('question');
const outcome = document.getElementById('outcome');

const token = new URLSearchParams(location.search).get('token') ?? '';
// Neither the history nor a copied address shall hold it.
history.replaceState(null, '', location.pathname);

/** What the graph answered: whether the address is verified, or why it is not. */
async function verify() {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' },
    body: JSON.stringify({ query: MUTATION, variables: { input: { token } } }),
  });
  const { data, errors } = await response.json();
  const payload = data?.verifyEmail;
  if (payload?.verified === true) return { verified: true };
  const [reason] = [...(payload?.userErrors ?? []), ...(errors ?? [])];
  // An answer without userErrors decided nothing about the token, which may still be good.
  return { verified: false, isFinal: payload?.userErrors?.length > 0, reason: reason?.message };
}

function show(text) {
  outcome.textContent = text;
}

async function press() {
  button.disabled = true;
  show('Verifying ...');
  try {
    const { verified, isFinal, reason } = await verify();
    if (verified) question.hidden = true;
    if (verified || isFinal) button.hidden = true;
    else button.disabled = false;
    show(
      verified
        ? 'Your e-mail address is verified. You can close this page.'
        : `Not verified: ${reason ?? 'no reason was given'}`,
    );
  } catch (error) {
    button.disabled = false;
    show(`Not verified, the server could not be reached (${error.message}). Try again.`);
  }
}

if (token === '') {
  question.hidden = true;
  show('This link has no token. Open it exactly as it is in the mail.');
} else {
  button.hidden = false;
  button.addEventListener('click', () => void press());
}
