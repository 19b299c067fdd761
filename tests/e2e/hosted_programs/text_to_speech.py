import requests

url = "https://gateway.pixazo.ai/voxcpm/v1/text-to-speech"

headers = {
    "Content-Type": "application/json",
    "Cache-Control": "no-cache",
    "Ocp-Apim-Subscription-Key": "YOUR_SUBSCRIPTION_KEY",
}

data = {"text": "Hello, from Pixazo.", "cfg_value": 2.0, "dit_steps": 10}

response = requests.post(url, json=data, headers=headers)
print(response.json())
