curl -v -X POST "https://gateway.pixazo.ai/voxcpm/v1/voice-cloning" \
  -H "Content-Type: application/json" \
  -H "Cache-Control: no-cache" \
  -H "Ocp-Apim-Subscription-Key: YOUR_SUBSCRIPTION_KEY" \
  --data-raw '{
    "text": "Hello, this is a test.",
    "reference_audio_url": "https://your-audio-file.wav",
    "prompt_text": "transcript of reference audio (optional)"
  }'
