# %%
%docker build -t ex3/parcel:1.0 .
%docker tag ex3/parcel:1.0 ex3/parcel:stable

# %%
%docker images ex3/parcel
