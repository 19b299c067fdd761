import requests

url = "https://gateway.pixazo.ai/voxcpm/v1/voice-cloning"

headers = {
    "Content-Type": "application/json",
    "Cache-Control": "no-cache",
    "Ocp-Apim-Subscription-Key": "YOUR_SUBSCRIPTION_KEY",
}

data = {
    "text": "Hello, this is a test.",
    "reference_audio_url": "https://your-audio-file.wav",
    "prompt_text": "transcript of reference audio (optional)",
}

response = requests.post(url, json=data, headers=headers)
print(response.json())
