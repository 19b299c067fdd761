const url = 'https://gateway.pixazo.ai/voxcpm/v1/voice-cloning';

const headers = {
  'Content-Type': 'application/json',
  'Cache-Control': 'no-cache',
  'Ocp-Apim-Subscription-Key': 'YOUR_SUBSCRIPTION_KEY'
};

const data = {
  text: 'Hello, this is a test.',
  reference_audio_url: 'https://your-audio-file.wav',
  prompt_text: 'transcript of reference audio (optional)'
};

fetch(url, {
  method: 'POST',
  headers: headers,
  body: JSON.stringify(data)
})
  .then(response => response.json())
  .then(data => console.log(data))
  .catch(error => console.error('Error:', error));
