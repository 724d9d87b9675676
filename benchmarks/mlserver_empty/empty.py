"""A model for MLServer that answers a constant: the cost of the server alone."""

from mlserver import MLModel
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput


class Empty(MLModel):
    """Answers without looking."""

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Answer one number."""
        output = ResponseOutput(name="churn", shape=[1], datatype="FP64", data=[0.5])
        return InferenceResponse(id=payload.id, model_name=self.name, outputs=[output])
