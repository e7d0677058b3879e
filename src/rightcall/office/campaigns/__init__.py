"""A campaign, from its act to the people who may be given a notice: the roll, its freezing and signature, screening, and what people are asked.

``acts`` drafts and authorises campaigns; ``rolls`` takes, freezes and signs lists; ``registers`` takes deliveries of registers; ``screening`` checks
everybody as a job; ``asking`` puts questions and takes answers; ``dossier`` explains one finding; ``striking`` takes the protected off.
"""
