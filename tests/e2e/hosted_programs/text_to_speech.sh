curl -v -X POST "https://gateway.pixazo.ai/voxcpm/v1/text-to-speech" \
  -H "Content-Type: application/json" \
  -H "Cache-Control: no-cache" \
  -H "Ocp-Apim-Subscription-Key: YOUR_SUBSCRIPTION_KEY" \
  --data-raw '{
    "text": "Hello, from Pixazo.",
    "cfg_value": 2.0,
    "dit_steps": 10
  }'
